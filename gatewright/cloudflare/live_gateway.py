"""One gateway as it is at Cloudflare, with all that belongs to it: read by listings, a page of many a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.errors import CloudflareError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain
    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.dynamic_routes import Route

    Json = dict[str, Any]

MOST = 50  # a page of what says nothing of its longest one


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One provider config: a key of the Secrets Store that the gateway uses; its value nobody can read."""

    id: str
    provider: str
    alias: str
    rate_limit: int | None
    period: int


@dataclass(frozen=True, slots=True)
class LiveGateway:
    """What there is. None for what the token may not read; of what is not managed, how many there are."""

    account: str
    settings: Json
    routes: tuple[Route, ...]
    custom_providers: tuple[CustomProvider, ...]
    domains: tuple[CustomDomain, ...]
    keys: tuple[StoredKey, ...]
    store: str | None
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
    tokens = read_tokens(client, account)
    stores = _if_allowed(client, f"/accounts/{account}/secrets_store/stores")
    return LiveGateway(
        account=account,
        settings=settings,
        routes=tuple(DynamicRoutes(client, account, gateway).listed()),
        custom_providers=tuple(CustomProviders(client, account).listed()),
        domains=tuple(CustomDomains(client, account, gateway).listed()),
        keys=tuple(_key(each) for each in _listed(client, f"{path}/provider_configs")),
        store=settings.get("store_id") or (stores[0]["id"] if stores else None),
        tokens=tokens,
        datasets=_count(client, f"{path}/datasets"),
        evaluations=_count(client, f"{path}/evaluations"),
    )


def read_tokens(client: Client, account: str) -> tuple[Json, ...] | None:
    """The account's tokens, without their values; None where the client's own may not list them."""
    return _if_allowed(client, f"/accounts/{account}/tokens")


def _listed(client: Client, path: str) -> Iterator[Json]:
    page = 1
    while found := client.get(path, {"page": page, "per_page": MOST})["result"]:
        yield from found
        if len(found) < MOST:
            return
        page += 1


def _if_allowed(client: Client, path: str) -> tuple[Json, ...] | None:
    try:
        return tuple(_listed(client, path))
    except RefusedError:
        return None


def _count(client: Client, path: str) -> int:
    """How many there are; none where the API does not know them, as Cloudflare's newer accounts."""
    try:
        return sum(1 for _ in _listed(client, path))
    except CloudflareError as error:
        if error.status == 404:
            return 0
        raise


def _key(config: Json) -> StoredKey:
    limit = config.get("rate_limit")
    return StoredKey(
        config["id"], config["provider_slug"], config["alias"], int(limit) if limit else None,
        int(config.get("rate_limit_period") or 60),
    )  # fmt: skip
