"""Which environment variables a client reads where it runs, and the secret that each holds: names, never values.

A client's module says so by `variables(environment, client)` where that is not simply what its endpoints name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gatewright.clients.endpoints import endpoints
from gatewright.environment.names import key_variable
from gatewright.environment.references import bearer_variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.endpoints import Access
    from gatewright.environment.resolved import Client, Environment

BEARER = "Bearer "


class Holds(StrEnum):
    """Whose secret it is."""

    TOKEN = "token"  # noqa: S105
    KEY = "key"  # a provider's
    OWN = "own"  # only the user has it


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a client. `of` names the token or the provider; `prefix` stands before the secret; `plain` is the
    variable in which the same secret stands alone: the environment's own name for it. `line`: it is one line of
    several, and the user's own stay."""

    name: str
    holds: Holds
    of: str | None
    prefix: str
    plain: str
    line: bool = False

    def __str__(self) -> str:
        match self.holds:
            case Holds.TOKEN:
                return f"the token {self.of}"
            case Holds.KEY:
                return f"the key of {self.of}"
        return "a secret of your own"


def needed(environment: Environment, client: Client) -> tuple[Variable, ...]:
    """The variables that `client` reads, once each, in the order of its endpoints."""
    from gatewright.clients import CLIENTS  # it imports the clients, and they this

    own = getattr(CLIENTS[client.program], "variables", as_named)
    return tuple(dict.fromkeys(own(environment, client)))


def unwanted(environment: Environment, client: Client) -> dict[str, str]:
    """The variables that `client` must not find set, and why: it would send what they hold too."""
    from gatewright.clients import CLIENTS

    own = getattr(CLIENTS[client.program], "unwanted", None)
    return own(environment, client) if own is not None else {}


def as_named(environment: Environment, client: Client) -> Iterator[Variable]:
    """What the endpoints name, for programs that put it into any text of their file."""
    for entry in endpoints(environment, client).entries:
        for name in (entry.access.authorization, entry.access.gateway_authorization):
            if name is not None:
                yield holding(environment, client, name)


def as_header_values(environment: Environment, client: Client) -> Iterator[Variable]:
    """The same for programs that send a variable as it is: beside a key, the token's holds a header's whole value."""
    for entry in endpoints(environment, client).entries:
        key, token = entry.access.authorization, entry.access.gateway_authorization
        if key is not None:
            yield holding(environment, client, key)
            if token is not None:
                yield holding(environment, client, token, bearer_variable(token), BEARER)
        elif token is not None:
            yield holding(environment, client, token)


def credential(access: Access) -> str | None:
    """What a program with one credential sends: the provider's key, else the token."""
    return access.authorization or access.gateway_authorization


def holding(
    environment: Environment,
    client: Client,
    plain: str,
    name: str | None = None,
    prefix: str = "",
    *,
    line: bool = False,
) -> Variable:
    """The variable `name` with the secret that an endpoint names `plain`; without `name`, that one itself."""
    if plain == client.variable:
        holds, of = (Holds.TOKEN, client.token) if client.token is not None else (Holds.OWN, None)
    else:
        holds, of = Holds.KEY, _provider(environment, plain)
    return Variable(name or plain, holds, of, prefix, plain, line)


def users_own(name: str) -> Variable:
    """A variable that only the user can set."""
    return Variable(name, Holds.OWN, None, "", name)


def _provider(environment: Environment, key: str) -> str:
    return next(name for name, provider in environment.providers.items() if key_variable(name, provider) == key)
