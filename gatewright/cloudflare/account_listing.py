"""Everything in an account, by listings: a few calls, whatever the number of environments that share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.gateway_policies import GatewayPolicies
from gatewright.errors import RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client

    Json = dict[str, Any]
    Listed = tuple[Json, ...] | None


@frozen
class AccountListing:
    """An account's items as the API shows them; None for what the token may not list."""

    gateways: Listed
    tokens: Listed
    secrets: Listed


@frozen
class GatewayListing:
    """A gateway's items, which the API lists for one gateway at a time; None for what the token may not list."""

    routes: Listed
    keys: Listed
    domains: Listed
    policies: Listed = ()


def list_account(client: Client, account: str) -> AccountListing:
    """List the account.

    Raises:
        RefusedError: the token may list nothing at all.
        CloudflareError: as `Client` does.
    """
    path = f"/accounts/{account}"
    stores = f"{path}/secrets_store/stores"
    listing = AccountListing(
        gateways=_allowed(_items(client, f"{path}/ai-gateway/gateways")),
        tokens=_allowed(_items(client, f"{path}/tokens")),
        secrets=_allowed(
            secret for store in _items(client, stores) for secret in _items(client, f"{stores}/{store['id']}/secrets")
        ),
    )
    if listing == AccountListing(None, None, None):
        raise RefusedError(
            f"the token may list nothing of account {account}", f"Is it of this account? {ACCOUNT_TOKENS}"
        )
    return listing


def list_gateway(client: Client, account: str, gateway: str) -> GatewayListing:
    """List the gateway; nothing for one that does not exist. Raises CloudflareError as `Client` does."""
    path = f"/accounts/{account}/ai-gateway/gateways/{gateway}"
    return GatewayListing(
        routes=_allowed(_items(client, f"{path}/routes")),
        keys=_allowed(_items(client, f"{path}/provider_configs")),
        domains=_allowed(_items(client, f"{path}/custom-domains")),
        policies=_allowed(_policies(client, account, gateway)),
    )


def _policies(client: Client, account: str, gateway: str) -> Iterator[Json]:
    policies = GatewayPolicies(client, account, gateway).in_force() or {}
    yield from ({"name": name, "id": policy["id"]} for name, policy in policies.items())


def _items(client: Client, path: str) -> Iterator[Json]:
    return list_all(client, path, missing_ok=True)


def _allowed(items: Iterator[Json]) -> Listed:
    try:
        return tuple(items)
    except RefusedError:
        return None
