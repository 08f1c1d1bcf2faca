"""One gateway as it is at Cloudflare, with everything that belongs to it, by listings."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.access import applications_in_front, list_allowed
from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.cloudflare.gateway_policies import GatewayPolicies
from gatewright.cloudflare.provider_configs import ProviderConfigs
from gatewright.errors import CloudflareError, RefusedError, UsageError
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain
    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.dynamic_routes import Route
    from gatewright.cloudflare.provider_configs import ProviderConfig

    Json = dict[str, Any]


@frozen
class LiveGateway:
    """A gateway and what belongs to it; policies by name.

    `tokens` and `access_apps`, the Access applications in front of its domains, are None where the token may not read
    them. Datasets and evaluations, which are not managed, are counts.
    """

    account: str
    settings: Json
    routes: tuple[Route, ...]
    custom_providers: tuple[CustomProvider, ...]
    domains: tuple[CustomDomain, ...]
    keys: tuple[ProviderConfig, ...]
    tokens: tuple[Json, ...] | None
    datasets: int
    evaluations: int
    policies: Mapping[str, Json] = field(default_factory=dict)
    access_apps: tuple[Json, ...] | None = ()


def read_gateway(client: Client, account: str, gateway: str) -> LiveGateway:
    """Read the gateway.

    Raises:
        UsageError: the account has no such gateway; names those that it has.
        RefusedError, CloudflareError: as `Client` does.
    """
    path = f"/accounts/{account}/ai-gateway/gateways/{gateway}"
    try:
        settings = client.get(path)["result"]
    except CloudflareError as error:
        if error.status != 404:
            raise
        names = ", ".join(sorted(item["id"] for item in list_all(client, path.rpartition("/")[0])))
        raise UsageError(f"account {account} has no gateway {gateway}", f"Its gateways: {names or 'none'}") from None
    domains = tuple(CustomDomains(client, account, gateway).list_all())
    return LiveGateway(
        account=account,
        settings=settings,
        routes=tuple(DynamicRoutes(client, account, gateway).list_all()),
        custom_providers=tuple(CustomProviders(client, account).list_all()),
        domains=domains,
        access_apps=_apps_in_front(client, account, {domain.hostname for domain in domains}),
        policies=GatewayPolicies(client, account, gateway).in_force() or {},
        keys=tuple(ProviderConfigs(client, account, gateway).list_all()),
        tokens=read_tokens(client, account),
        datasets=_count(client, f"{path}/datasets"),
        evaluations=_count(client, f"{path}/evaluations"),
    )


def _apps_in_front(client: Client, account: str, hostnames: set[str]) -> tuple[Json, ...] | None:
    apps = list_allowed(client, account, ACCESS_APPLICATION) if hostnames else ()
    return None if apps is None else tuple(applications_in_front(apps, hostnames))


def has_gateway(client: Client, account: str, gateway: str) -> bool:
    """Whether the account has a gateway of that name. Raises as `Client` does."""
    try:
        client.get(f"/accounts/{account}/ai-gateway/gateways/{gateway}")
    except CloudflareError as error:
        if error.status == 404:
            return False
        raise
    return True


def read_tokens(client: Client, account: str) -> tuple[Json, ...] | None:
    """The account's tokens, without their values; None where the client's token may not list them."""
    try:
        return tuple(list_all(client, f"/accounts/{account}/tokens"))
    except RefusedError:
        return None


def _count(client: Client, path: str) -> int:
    """How many items there are; 0 where the API does not know them, as in Cloudflare's newer accounts."""
    return sum(1 for _ in list_all(client, path, missing_ok=True))
