"""The metadata of simulated requests: that of the clients and agents that send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.checks.metadata_uses import Sender, senders
from gatewright.environment.references import FromVariable, OwnName, parse_name
from gatewright.io.printable import listed
from gatewright.operations.routes.client_path import find_user

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment

_MAX_NAMES = 5  # in a note


def target_senders(
    environment: Environment, targets: Collection[str], names: Sequence[str]
) -> dict[str, tuple[Sender, ...]]:
    """Who sends the requests to each target: the clients and agents `names`, by default all that use the target.

    Raises:
        UsageError: the environment has no such client or agent.
    """
    chosen = tuple(find_user(environment, name).sender for name in names)
    return {target: chosen or tuple(_senders(environment, target)) for target in targets}


def sent_metadata(sender: Sender) -> dict[str, Any]:
    """The metadata of a sender; an entry that a variable fills has a value that equals no other."""
    return {key: str(value) if isinstance(value, FromVariable) else value for key, value in sender.metadata.items()}


def sender_notes(by_target: Mapping[str, Sequence[Sender]]) -> Iterator[str]:
    """Whose metadata the requests carry, and which values are not known."""
    names = dict.fromkeys(sender.name for senders in by_target.values() for sender in senders)
    if names:
        yield f"requests carry the metadata of {listed(list(names), _MAX_NAMES)}, equally often; to choose: --as"
    variables = {
        f"{key} {value}": None
        for senders in by_target.values()
        for sender in senders
        for key, value in sender.metadata.items()
        if isinstance(value, FromVariable)
    }
    if variables:
        yield f"the values of {listed(list(variables), _MAX_NAMES)} are not known, and taken to equal no other value"


def _senders(environment: Environment, target: str) -> Iterator[Sender]:
    for program, client in environment.clients.items():
        if target in client.agents:
            yield Sender(f"{program}/{target}", client.metadata_of(target))
        elif target not in environment.roles and (name := parse_name(target)) and not isinstance(name, OwnName):
            yield from senders(client, name)
