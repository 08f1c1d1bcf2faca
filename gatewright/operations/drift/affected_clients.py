"""The clients that use a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName, RouteName
from gatewright.operations.plan.model import program_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatewright.environment.resolved import Client, Environment


def affected_clients(environment: Environment, kind: str, name: str) -> tuple[str, ...]:
    """The programs that use the resource of that kind and name; all of them use the gateway."""
    return tuple(program for program, client in environment.clients.items() if _uses(environment, client, kind, name))


def _uses(environment: Environment, client: Client, kind: str, name: str) -> bool:
    models = (client.primary, *client.fallbacks, client.small, *client.models)
    match kind:
        case "route":
            return RouteName(name) in models
        case "token":
            return client.token == name
        case "Access application" | "Access policy" | "service token":
            return client.domain_access is not None
        case "file":
            return client.program == program_of(name)
        case "key" | "secret" | "custom provider":
            return name in _providers(environment, models)
    return True


def _providers(environment: Environment, models: Iterable[object]) -> Iterator[str]:
    for model in models:
        if isinstance(model, ModelName):
            yield model.provider
        elif isinstance(model, RouteName) and model.route in environment.routes:
            yield from environment.routes[model.route].providers()
