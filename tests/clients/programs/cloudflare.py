"""The local Cloudflare of the programs' tests: a gateway, its routes, a token, and the log of requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, fake_key
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ
from gatewright.local.daemon import Running


@dataclass(frozen=True, slots=True)
class LocalCloudflare:
    """A running server with a gateway; `token` may run models through it."""

    running: Running
    token: str

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests for models in the log that follow the entry `after`."""
        return [entry for entry in self.every_request(after) if entry["path"].startswith("/v1/")]

    def every_request(self, after: int = 0) -> list[dict[str, Any]]:
        """All requests, with those to the control plane, which includes the REST API."""
        response = httpx.get(f"{self.running.data_plane}/__local__/log", params={"after": after}, trust_env=False)
        entries: list[dict[str, Any]] = response.raise_for_status().json()
        return entries

    @contextmanager
    def fault(self, **order: Any) -> Iterator[None]:
        """Requests fail as `order` describes."""
        url = f"{self.running.data_plane}/__local__/faults"
        httpx.post(url, json={"name": "of-a-program", **order}, trust_env=False).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(url, params={"name": "of-a-program"}, trust_env=False).raise_for_status()

    def last_of_all(self) -> int:
        """The number of the newest request."""
        return max((entry["id"] for entry in self.every_request()), default=0)

    def last(self) -> int:
        """The number of the newest request for a model."""
        return max((entry["id"] for entry in self.requests()), default=0)

    def paths(self, after: int) -> set[str]:
        """The paths of the requests that follow the entry `after`, without the gateway."""
        return {request["path"].partition("/agents-local/")[2] for request in self.requests(after)}

    def credentials(self, after: int) -> set[tuple[int, str, str]]:
        """Status, token and credential of the requests that follow the entry `after`."""
        return {(request["status"], request["token"], request["credential"]) for request in self.requests(after)}

    def logged(self) -> Any:
        """The newest entry of the gateway's own log."""
        url = f"{self.running.control_plane}/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/agents-local/logs"
        headers = {"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
        parameters = {"order_by": "created_at", "order_by_direction": "desc"}
        response = httpx.get(url, params=parameters, headers=headers, trust_env=False).raise_for_status()
        return response.json()["result"][0]


_UNLIMITED = {"cache_ttl": 0, "rate_limiting_interval": 0, "rate_limiting_limit": 0}
"""So that each request of the tests, which send the same prompt, is answered by a model."""


def furnish(running: Running, environment: Environment) -> LocalCloudflare:
    """Create the gateway, its stored keys and routes, the custom providers and the token."""
    account = f"{running.control_plane}/accounts/{LOCAL_ACCOUNT}"
    with httpx.Client(headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False) as client:
        client.post(f"{account}/secrets_store/stores", json={"name": "default_secrets_store"}).raise_for_status()
        _create_gateway(environment, client, account, **_UNLIMITED)
        policy = {
            "effect": "allow",
            "permission_groups": [{"id": AI_GATEWAY_RUN.id}, {"id": WORKERS_AI_READ.id}],
            "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
        }
        token = client.post(f"{account}/tokens", json={"name": "agents", "policies": [policy]}).raise_for_status()
    with Client(running.control_plane, LOCAL_DEPLOY_TOKEN) as control_plane:
        _create_custom_providers(environment, control_plane)
        _create_routes(environment, control_plane)
    return LocalCloudflare(running, token.json()["result"]["value"])


def add_gateway(running: Running, environment: Environment) -> None:
    """Create another gateway with its stored keys and routes."""
    account = f"{running.control_plane}/accounts/{LOCAL_ACCOUNT}"
    with httpx.Client(headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False) as client:
        _create_gateway(environment, client, account)
    with Client(running.control_plane, LOCAL_DEPLOY_TOKEN) as control_plane:
        _create_routes(environment, control_plane)


def _create_gateway(environment: Environment, client: httpx.Client, account: str, **changes: object) -> None:
    (store,) = client.get(f"{account}/secrets_store/stores").raise_for_status().json()["result"]
    settings = {**gateway_body(environment.gateway), "id": environment.gateway_name, "store_id": store["id"], **changes}
    client.post(f"{account}/ai-gateway/gateways", json=settings).raise_for_status()
    for key in provider_keys(environment):
        config = {"provider_slug": key.slug, "alias": DEFAULT_ALIAS, "default_config": True}
        url = f"{account}/ai-gateway/gateways/{environment.gateway_name}/provider_configs"
        client.post(url, json={**config, "secret": fake_key(key.provider)}).raise_for_status()


def _create_custom_providers(environment: Environment, client: Client) -> None:
    providers = CustomProviders(client, LOCAL_ACCOUNT)
    for name, provider in environment.providers.items():
        if provider.base_url:
            providers.create({"name": name, "slug": name, "base_url": provider.base_url, "enable": True})


def _create_routes(environment: Environment, client: Client) -> None:
    routes = DynamicRoutes(client, LOCAL_ACCOUNT, environment.gateway_name)
    for name in environment.routes:
        routes.create(name, graph_of(route_elements(environment, name)))
