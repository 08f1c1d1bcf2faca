"""What an account has, by listings: a page of many a call, whatever the number of environments that share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]
    Listed = tuple[Json, ...] | None

PAGE = 50  # of what says nothing of its longest page


@dataclass(frozen=True, slots=True)
class AccountListing:
    """As the API shows them; None for what the token may not list."""

    gateways: Listed
    tokens: Listed
    secrets: Listed


@dataclass(frozen=True, slots=True)
class GatewayListing:
    """What one gateway has; the API lists it of one at a time only. None for what may not be listed."""

    routes: Listed
    keys: Listed
    domains: Listed


def list_account(client: Client, account: str) -> AccountListing:
    """All of it. Raises RefusedError where the token may list nothing at all, CloudflareError as `Client` does."""
    stores = f"/accounts/{account}/secrets_store/stores"
    found = AccountListing(
        gateways=_allowed(lambda: everything(client, f"/accounts/{account}/ai-gateway/gateways")),
        tokens=_allowed(lambda: everything(client, f"/accounts/{account}/tokens")),
        secrets=_allowed(
            lambda: (
                secret
                for store in everything(client, stores)
                for secret in everything(client, f"{stores}/{store['id']}/secrets")
            )
        ),
    )
    if found == AccountListing(None, None, None):
        raise RefusedError(
            f"the token may list nothing of account {account}", f"Is it of this account? {ACCOUNT_TOKENS}"
        )
    return found


def list_gateway(client: Client, account: str, gateway: str) -> GatewayListing:
    """All of it; nothing of a gateway that is not there. Raises CloudflareError as `Client` does."""
    path = f"/accounts/{account}/ai-gateway/gateways/{gateway}"
    return GatewayListing(
        routes=_allowed(lambda: everything(client, f"{path}/routes")),
        keys=_allowed(lambda: everything(client, f"{path}/provider_configs")),
        domains=_allowed(lambda: everything(client, f"{path}/custom-domains")),
    )


def everything(client: Client, path: str) -> Iterator[Json]:
    """What is listed at `path`; nothing where the API does not know it. Routes stand under `data`."""
    page, seen = 1, 0
    while True:
        try:
            answer = client.get(path, {"page": page, "per_page": PAGE})
        except CloudflareError as error:
            if error.status == 404:
                return
            raise
        found = answer["result"] if "result" in answer else answer["data"]["routes"]
        yield from found
        seen += len(found)
        total = (answer.get("result_info") or {}).get("total_count")
        if not found or (len(found) < PAGE if total is None else seen >= total):
            return
        page += 1


def _allowed(listed: Callable[[], Iterator[Json]]) -> Listed:
    try:
        return tuple(listed())
    except RefusedError:
        return None
