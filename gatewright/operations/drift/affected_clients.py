"""Whom a difference concerns: the clients that use what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName, RouteName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.environment.resolved import Client, Environment


def concerned(environment: Environment, kind: str, name: str) -> tuple[str, ...]:
    """The clients, by their programs, that use the thing of that kind and name; all of them use the gateway."""
    uses = _USES.get(kind, _any)
    return tuple(program for program, client in environment.clients.items() if uses(environment, client, name))


def _any(environment: Environment, client: Client, name: str) -> bool:  # noqa: ARG001  the table's signature
    return True


def _route(environment: Environment, client: Client, name: str) -> bool:  # noqa: ARG001
    return any(isinstance(each, RouteName) and each.route == name for each in _called(client))


def _token(environment: Environment, client: Client, name: str) -> bool:  # noqa: ARG001
    return client.token == name


def _file(environment: Environment, client: Client, name: str) -> bool:  # noqa: ARG001
    return client.program == program_of(name)


def _provider(environment: Environment, client: Client, name: str) -> bool:
    for each in _called(client):
        if isinstance(each, ModelName) and each.provider == name:
            return True
        route = environment.routes.get(each.route) if isinstance(each, RouteName) else None
        if route is not None and name in route.providers():
            return True
    return False


_USES: dict[str, Callable[[Environment, Client, str], bool]] = {
    "route": _route,
    "token": _token,
    "file": _file,
    "key": _provider,
    "secret": _provider,
    "custom provider": _provider,
}


def program_of(path: str) -> str:
    """The client whose emitted file it is: pi of pi/models.json, openclaw of openclaw.json."""
    return path.partition("/")[0].partition(".")[0]


def _called(client: Client) -> Iterator[object]:
    yield from (client.primary, *client.fallbacks, client.small, *client.models)
