"""What several programs cannot do: a provider's id that is taken, a second base URL, a name with their own syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatewright.clients.common.endpoints import find_endpoints, may_be_entry
from gatewright.environment.capabilities import Refusal
from gatewright.environment.references import Name, OwnName
from gatewright.environment.resolved import Client, Environment


def refuse_built_in_ids(environment: Environment, client: Client) -> Iterator[Refusal]:
    """Refuse an entry with the id of a provider that the program has built in. The client's `provider` itself is
    checked with its settings."""
    title = client.capabilities.title
    built_in = [name for name in client.capabilities.built_in_providers if may_be_entry(client, name)]
    for entry in find_endpoints(environment, client).entries if built_in else ():
        if entry.id in built_in:
            message = f"{title} has a built-in provider {entry.id}, also the name of the entry of {entry.models[0].id}"
            yield Refusal("provider", message, f"Choose another name: clients.{client.program}.provider")


def refuse_other_endpoints(
    environment: Environment, client: Client, choices: Iterable[tuple[str, Name | None]]
) -> Iterator[Refusal]:
    """For a program with one base URL: refuse each of `choices`, pairs of setting and model, that has another endpoint
    than the first."""
    endpoints = find_endpoints(environment, client)
    named = [(setting, name) for setting, name in choices if name is not None and not isinstance(name, OwnName)]
    for setting, name in named:
        first = named[0][1]
        if endpoints.find(name)[0].id != endpoints.find(first)[0].id:
            yield Refusal(
                setting,
                f"{client.capabilities.title} has one base URL, and {name} needs another than {first}",
                "Name a model with the same base URL, or one behind the gateway's shared endpoint",
            )


def refuse_substituted_names(
    environment: Environment, client: Client, marks: Iterable[str], substitutes: str
) -> Iterator[Refusal]:
    """For a program that substitutes something in every text: refuse models whose id or name has one of `marks`."""
    for model in find_endpoints(environment, client).models:
        name = next((name for name in (model.id, model.name) if any(mark in name for mark in marks)), None)
        if name is not None:
            message = f"{client.capabilities.title} substitutes {substitutes}, so it cannot hold the name {name}"
            yield Refusal("", message, "Rename the model, or remove it from the client's models")
