"""One request, two credentials: who may use the gateway, and what the provider behind it gets.

Cloudflare's rule: with cf-aig-authorization, Authorization goes upstream as it is. Without it, and with authentication
on, a gateway token in Authorization is the gateway's alone. The provider then gets the key that the gateway has stored
for it; where there is none, Cloudflare's credits pay (Unified Billing), unless the gateway is byok_only.
Guesses: a provider that Unified Billing does not serve, or a byok_only gateway, is called without any key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ, WORKERS_AI_WRITE, Group
from gatewright.facts.slugs import UNIFIED_BILLING, WORKERS_AI
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.core.identity import bearer, principal
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import no_credits, unauthorized, unknown_alias
from gatewright.local.server.resources import billing, provider_configs
from gatewright.local.server.resources.provider_configs import StoredKey

_PROVIDERS_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")


class Kind(StrEnum):
    """What an upstream received; stands in the request log."""

    NONE = "none"
    STORED = "stored"
    UNIFIED = "unified"
    ACCOUNT = "account's"  # Workers AI, billed to the account
    CALLERS = "caller's"
    GATEWAY_TOKEN = "gateway token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Credentials:
    """Values as they came: `gateway` for the gateway, `upstream` for the provider (None: none of the caller's own).

    `vouched`: the gateway has seen a token, so that what the account has may be spent.
    """

    gateway: str | None
    upstream: str | None
    vouched: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What one provider gets: of which kind, its value (None: nothing to compare), and the stored key it is."""

    kind: Kind
    value: str | None = None
    stored: StoredKey | None = None


def read(headers: Mapping[str, str], *, authenticated: bool) -> Credentials:
    """Sorts the credentials of a request to a gateway whose authentication is on or off."""
    gateway = bearer(headers.get("cf-aig-authorization", "")) or None
    upstream = _for_provider(headers)
    if gateway is None and authenticated and is_cloudflares(_authorization(headers)):
        gateway = _authorization(headers)
        upstream = next((headers[name] for name in _PROVIDERS_HEADERS if headers.get(name)), None)
    return Credentials(gateway, upstream, vouched=gateway is not None and authenticated)


def authorise(store: Store, credentials: Credentials, account: str, address: str) -> str:
    """The name of the token that may use the gateways of `account`; raises AigError 2009 when there is none."""
    name = holder(store, credentials.gateway, account, address, AI_GATEWAY_RUN)
    if name is None:
        raise unauthorized()
    return name


def held(store: Store, credentials: Credentials, account: str, gateway: Json, provider: str, alias: str | None) -> Held:
    """What `provider` gets; `alias` is the stored key that the caller wants. Raises AigError 2021 or 2040."""
    own = credentials.upstream
    if own is not None:
        return Held(Kind.GATEWAY_TOKEN if is_cloudflares(own) else Kind.CALLERS, own)
    if not credentials.vouched:
        return Held(Kind.NONE)
    stored = provider_configs.stored_key(store, account, gateway["id"], provider, alias)
    if stored is not None:
        return Held(Kind.STORED, stored.value, stored)
    if alias is not None:
        aliases = provider_configs.aliases(store, account, gateway["id"], provider)
        raise unknown_alias(provider, alias, aliases)
    return _billed(store, account, gateway, provider)


def _billed(store: Store, account: str, gateway: Json, provider: str) -> Held:
    """What Cloudflare pays the provider with."""
    if provider == WORKERS_AI and gateway["workers_ai_billing_mode"] != "unified":
        return Held(Kind.ACCOUNT)
    if provider != WORKERS_AI and (provider not in UNIFIED_BILLING or gateway.get("byok_only")):
        return Held(Kind.NONE)
    if billing.balance(store, account) <= 0:
        raise no_credits()
    return Held(Kind.UNIFIED)


def is_cloudflares(value: str | None) -> bool:
    """Whether a credential is a token of this Cloudflare, valid or not."""
    return value is not None and value.startswith(LOCAL_TOKEN_PREFIX)


def may_use_workers_ai(store: Store, value: str | None, account: str, address: str) -> bool:
    """Whether Workers AI takes a Cloudflare token."""
    return holder(store, value, account, address, WORKERS_AI_READ, WORKERS_AI_WRITE) is not None


def holder(store: Store, value: str | None, account: str, address: str, *any_of: Group) -> str | None:
    """The name of the token, when it may do one of these in the account; None otherwise."""
    if value is None:
        return None
    try:
        caller = principal(store, value, address)
    except ApiError:
        return None
    return caller.name if caller.may(any_of, f"com.cloudflare.api.account.{account}") else None


def _authorization(headers: Mapping[str, str]) -> str | None:
    return bearer(headers.get("authorization", "")) or None


def _for_provider(headers: Mapping[str, str]) -> str | None:
    return _authorization(headers) or next((headers[name] for name in _PROVIDERS_HEADERS if headers.get(name)), None)
