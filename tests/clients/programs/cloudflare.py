"""The local Cloudflare as the programs' tests use it: a gateway, its routes, a token, and what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, fake_key
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ
from gatewright.local.daemon import Running


@dataclass(frozen=True, slots=True)
class LocalCloudflare:
    """A running one with a gateway; `token` may run models through it."""

    running: Running
    token: str

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """The requests for models in the log, beyond the entry `after`."""
        return [entry for entry in self.every_request(after) if entry["path"].startswith("/v1/")]

    def every_request(self, after: int = 0) -> list[dict[str, Any]]:
        """The same with those to the control plane, of which the REST form is a part."""
        answer = httpx.get(f"{self.running.data_plane}/__local__/log", params={"after": after}, trust_env=False)
        entries: list[dict[str, Any]] = answer.raise_for_status().json()
        return entries

    @contextmanager
    def fault(self, **order: Any) -> Iterator[None]:
        """While it lasts, what the order says fails."""
        url = f"{self.running.data_plane}/__local__/faults"
        httpx.post(url, json={"name": "of-a-program", **order}, trust_env=False).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(url, params={"name": "of-a-program"}, trust_env=False).raise_for_status()

    def last_of_all(self) -> int:
        """The number of the newest of those."""
        return max((entry["id"] for entry in self.every_request()), default=0)

    def last(self) -> int:
        """The number of the newest request for a model, to look at what comes after it."""
        return max((entry["id"] for entry in self.requests()), default=0)


def furnish(running: Running, environment: Environment) -> LocalCloudflare:
    """Makes the gateway, its stored keys and routes, the custom providers and the token through the control plane."""
    account = f"{running.control_plane}/accounts/{LOCAL_ACCOUNT}"
    with httpx.Client(headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False) as client:
        store = client.post(f"{account}/secrets_store/stores", json={"name": "default_secrets_store"})
        settings = {
            "id": environment.gateway_name,
            "store_id": store.raise_for_status().json()["result"]["id"],
            "authentication": True,
            "cache_invalidate_on_update": False,
            "cache_ttl": 0,
            "collect_logs": True,
            "rate_limiting_interval": 0,
            "rate_limiting_limit": 0,
        }
        client.post(f"{account}/ai-gateway/gateways", json=settings).raise_for_status()
        for key in provider_keys(environment):
            config = {"provider_slug": key.slug, "alias": DEFAULT_ALIAS, "default_config": True}
            url = f"{account}/ai-gateway/gateways/{environment.gateway_name}/provider_configs"
            client.post(url, json={**config, "secret": fake_key(key.provider)}).raise_for_status()
        policy = {
            "effect": "allow",
            "permission_groups": [{"id": AI_GATEWAY_RUN.id}, {"id": WORKERS_AI_READ.id}],
            "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
        }
        made = client.post(f"{account}/tokens", json={"name": "agents", "policies": [policy]}).raise_for_status()
    with Client(running.control_plane, LOCAL_DEPLOY_TOKEN) as official:
        _route(environment, official)
    return LocalCloudflare(running, made.json()["result"]["value"])


def _route(environment: Environment, client: Client) -> None:
    providers = CustomProviders(client, LOCAL_ACCOUNT)
    for name, provider in environment.providers.items():
        if provider.base_url:
            providers.create({"name": name, "slug": name, "base_url": provider.base_url, "enable": True})
    routes = DynamicRoutes(client, LOCAL_ACCOUNT, environment.gateway_name)
    for name in environment.routes:
        routes.create(name, graph_of(route_elements(environment, name)))
