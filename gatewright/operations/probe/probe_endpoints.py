"""The endpoints by which clients reach models through the gateway, and those that `verify` probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.environment.names import is_reachable
from gatewright.environment.references import ModelName, RouteName
from gatewright.facts.slugs import Api
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.environment.resolved import Client, Environment


@frozen
class ProbeEndpoint:
    """`via` as in a client's settings, and the API format of that endpoint."""

    via: str
    api: Api


DEFAULT_ENDPOINT = ProbeEndpoint("gateway", Api.CHAT)
"""The compat endpoint, which serves routes. Whether the REST API does too is disputed."""


def probe_endpoints(
    environment: Environment, names: Sequence[ModelName | RouteName]
) -> list[tuple[ModelName | RouteName, ProbeEndpoint]]:
    """Each name with one endpoint, then each further endpoint of a provider or of routes with the first of its names.

    The one endpoint is the default where a client uses it or no client lists the model. Names that no endpoint behind
    the gateway serves are left out.
    """
    used = _endpoints_in_use(environment)
    first: list[tuple[ModelName | RouteName, ProbeEndpoint]] = []
    further: dict[tuple[str, ProbeEndpoint], ModelName | RouteName] = {}
    routes_by_rest = any(client.routes_via == "rest" for client in environment.clients.values())
    for name in names:
        if isinstance(name, RouteName):
            first.append((name, DEFAULT_ENDPOINT))
            if routes_by_rest:
                further.setdefault(("", ProbeEndpoint("rest", Api.CHAT)), name)
            continue
        candidates = used.get(name, [])
        if (DEFAULT_ENDPOINT in candidates or not candidates) and _serves_default(environment, name):
            candidates = [DEFAULT_ENDPOINT, *candidates]
        if candidates:
            first.append((name, candidates[0]))
            for endpoint in candidates[1:]:
                further.setdefault((name.provider, endpoint), name)
    covered = {(name.provider, endpoint) for name, endpoint in first if isinstance(name, ModelName)}
    return [*first, *((name, key[1]) for key, name in further.items() if key not in covered)]


def _serves_default(environment: Environment, name: ModelName) -> bool:
    provider = environment.providers[name.provider]
    return bool(is_reachable(name.provider, provider, DEFAULT_ENDPOINT.via, (DEFAULT_ENDPOINT.api,)))


def _endpoints_in_use(environment: Environment) -> dict[ModelName, list[ProbeEndpoint]]:
    used: dict[ModelName, list[ProbeEndpoint]] = {}
    for client in environment.clients.values():
        for name, endpoint in _client_endpoints(environment, client):
            known = used.setdefault(name, [])
            if endpoint not in known:
                known.append(endpoint)
    return used


def _client_endpoints(environment: Environment, client: Client) -> Iterator[tuple[ModelName, ProbeEndpoint]]:
    reached = find_endpoints(environment, client)
    for name in client.models:
        if isinstance(name, ModelName) and client.via[name.provider] != "direct":
            yield name, ProbeEndpoint(client.via[name.provider], reached.find(name)[0].access.api)
