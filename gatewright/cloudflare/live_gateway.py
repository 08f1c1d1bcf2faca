"""One gateway as it is at Cloudflare, with all that belongs to it: read by listings, a page of many a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.cloudflare.provider_configs import ProviderConfigs
from gatewright.errors import CloudflareError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain
    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.dynamic_routes import Route
    from gatewright.cloudflare.provider_configs import ProviderConfig

    Json = dict[str, Any]

MOST = 50  # a page of what says nothing of its longest one


@dataclass(frozen=True, slots=True)
class LiveGateway:
    """What there is. None for what the token may not read; of what is not managed, how many there are."""

    account: str
    settings: Json
    routes: tuple[Route, ...]
    custom_providers: tuple[CustomProvider, ...]
    domains: tuple[CustomDomain, ...]
    keys: tuple[ProviderConfig, ...]
    tokens: tuple[Json, ...] | None
    datasets: int
    evaluations: int


def read_gateway(client: Client, account: str, gateway: str) -> LiveGateway:
    """All of it. Raises UsageError where there is no such gateway, naming those that there are; else as `Client`."""
    path = f"/accounts/{account}/ai-gateway/gateways/{gateway}"
    try:
        settings = client.get(path)["result"]
    except CloudflareError as error:
        if error.status != 404:
            raise
        there = ", ".join(sorted(each["id"] for each in _listed(client, path.rpartition("/")[0])))
        raise UsageError(f"account {account} has no gateway {gateway}", f"There: {there or 'none'}") from None
    return LiveGateway(
        account=account,
        settings=settings,
        routes=tuple(DynamicRoutes(client, account, gateway).listed()),
        custom_providers=tuple(CustomProviders(client, account).listed()),
        domains=tuple(CustomDomains(client, account, gateway).listed()),
        keys=tuple(ProviderConfigs(client, account, gateway).listed()),
        tokens=read_tokens(client, account),
        datasets=_count(client, f"{path}/datasets"),
        evaluations=_count(client, f"{path}/evaluations"),
    )


def read_tokens(client: Client, account: str) -> tuple[Json, ...] | None:
    """The account's tokens, without their values; None where the client's own may not list them."""
    try:
        return tuple(_listed(client, f"/accounts/{account}/tokens"))
    except RefusedError:
        return None


def _listed(client: Client, path: str) -> Iterator[Json]:
    page = 1
    while found := client.get(path, {"page": page, "per_page": MOST})["result"]:
        yield from found
        if len(found) < MOST:
            return
        page += 1


def _count(client: Client, path: str) -> int:
    """How many there are; none where the API does not know them, as Cloudflare's newer accounts."""
    try:
        return sum(1 for _ in _listed(client, path))
    except CloudflareError as error:
        if error.status == 404:
            return 0
        raise
