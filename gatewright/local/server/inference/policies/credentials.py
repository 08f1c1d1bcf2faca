"""The two credentials of a request: one for the gateway, one for the provider behind it.

Cloudflare's rule: with cf-aig-authorization, Authorization is passed to the provider. Without it, and with
authentication on, a gateway token in Authorization is for the gateway only. The provider then gets the key that the
gateway has stored for it; where there is none, Cloudflare's credits pay (Unified Billing), unless the gateway is
byok_only. Guesses: a provider that Unified Billing does not serve, or a byok_only gateway, is called without any key.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ, WORKERS_AI_WRITE, Group
from gatewright.facts.slugs import UNIFIED_BILLING, WORKERS_AI
from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.core.identity import bearer, principal
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import no_credits, unauthorized, unknown_alias
from gatewright.local.server.resources import billing, provider_configs
from gatewright.local.server.resources.provider_configs import StoredKey

_PROVIDER_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")


class CredentialKind(StrEnum):
    """What the provider receives; in the request log."""

    NONE = "none"
    STORED = "stored"
    UNIFIED = "unified"
    ACCOUNT = "account's"  # Workers AI, billed to the account
    CALLERS = "caller's"
    GATEWAY_TOKEN = "gateway token"  # noqa: S105


@frozen
class SentCredentials:
    """The values of a request: `gateway` for the gateway, `provider` for the provider (None: none of the client's own).

    `verified`: the gateway has checked a token, so stored keys and credits may be used.
    """

    gateway: str | None
    provider: str | None
    verified: bool


@frozen
class ProviderCredential:
    """What one provider gets: its kind, its value (None: nothing to compare), and the stored key where it is one."""

    kind: CredentialKind
    value: str | None = None
    stored: StoredKey | None = None


def read(headers: Mapping[str, str], *, authenticated: bool) -> SentCredentials:
    """Sort the credentials of a request to a gateway whose authentication is on or off."""
    gateway = bearer(headers.get("cf-aig-authorization", "")) or None
    authorization = bearer(headers.get("authorization", "")) or None
    key = next((headers[name] for name in _PROVIDER_HEADERS if headers.get(name)), None)
    provider = authorization or key
    if gateway is None and authenticated and is_cloudflare_token(authorization):
        gateway, provider = authorization, key
    return SentCredentials(gateway, provider, verified=gateway is not None and authenticated)


def authorise(store: Store, credentials: SentCredentials, account: str, address: str) -> str:
    """The name of the token that may use the gateways of `account`. Raises AiGatewayError 2009 where there is none."""
    name = _token_name(store, credentials.gateway, account, address, AI_GATEWAY_RUN)
    if name is None:
        raise unauthorized()
    return name


def for_provider(
    store: Store, credentials: SentCredentials, account: str, gateway: Json, provider: str, alias: str | None
) -> ProviderCredential:
    """What `provider` gets; `alias` is the stored key that the client requests. Raises AiGatewayError 2021 or 2040."""
    own = credentials.provider
    if own is not None:
        kind = CredentialKind.GATEWAY_TOKEN if is_cloudflare_token(own) else CredentialKind.CALLERS
        return ProviderCredential(kind, own)
    if not credentials.verified:
        return ProviderCredential(CredentialKind.NONE)
    stored = provider_configs.stored_key(store, account, gateway["id"], provider, alias)
    if stored is not None:
        return ProviderCredential(CredentialKind.STORED, stored.value, stored)
    if alias is not None:
        aliases = provider_configs.aliases(store, account, gateway["id"], provider)
        raise unknown_alias(provider, alias, aliases)
    return ProviderCredential(_paid_by_cloudflare(store, account, gateway, provider))


def _paid_by_cloudflare(store: Store, account: str, gateway: Json, provider: str) -> CredentialKind:
    if provider == WORKERS_AI and gateway["workers_ai_billing_mode"] != "unified":
        return CredentialKind.ACCOUNT
    if provider != WORKERS_AI and (provider not in UNIFIED_BILLING or gateway.get("byok_only")):
        return CredentialKind.NONE
    if billing.balance(store, account) <= 0:
        raise no_credits()
    return CredentialKind.UNIFIED


def is_cloudflare_token(value: str | None) -> bool:
    """Whether a credential is a token of this Cloudflare, valid or not."""
    return value is not None and value.startswith(LOCAL_TOKEN_PREFIX)


def may_use_workers_ai(store: Store, value: str | None, account: str, address: str) -> bool:
    """Whether Workers AI accepts a Cloudflare token."""
    return _token_name(store, value, account, address, WORKERS_AI_READ, WORKERS_AI_WRITE) is not None


def _token_name(store: Store, value: str | None, account: str, address: str, *any_of: Group) -> str | None:
    """The name of the token where it has one of the permissions in the account; otherwise None."""
    if value is None:
        return None
    try:
        caller = principal(store, value, address)
    except ApiError:
        return None
    return caller.name if caller.may(any_of, f"com.cloudflare.api.account.{account}") else None
