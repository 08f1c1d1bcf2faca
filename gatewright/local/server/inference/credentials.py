"""One request, two credentials: who may use the gateway, and what the provider behind it gets.

Cloudflare's rule: with cf-aig-authorization, Authorization goes upstream as it is. Without it, and with authentication
on, a gateway token in Authorization is the gateway's alone and the provider gets the stored key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ, WORKERS_AI_WRITE, Group
from gatewright.local.server.envelope import ApiError
from gatewright.local.server.identity import bearer, principal
from gatewright.local.server.inference.errors import unauthorized
from gatewright.local.server.store import Store

_PROVIDERS_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")


class Kind(StrEnum):
    """What an upstream received; stands in the request log."""

    NONE = "none"
    STORED = "stored"
    CALLERS = "caller's"
    GATEWAY_TOKEN = "gateway token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Credentials:
    """Values as they came: `gateway` for the gateway, `upstream` for the provider (None: none, or the stored key)."""

    gateway: str | None
    upstream: str | None
    kind: Kind


def read(headers: Mapping[str, str], *, authenticated: bool) -> Credentials:
    """Sorts the credentials of a request to a gateway whose authentication is on or off."""
    gateway = bearer(headers.get("cf-aig-authorization", "")) or None
    upstream = _for_provider(headers)
    if gateway is None and authenticated and is_cloudflares(_authorization(headers)):
        gateway = _authorization(headers)
        upstream = next((headers[name] for name in _PROVIDERS_HEADERS if headers.get(name)), None)
    if upstream is not None:
        kind = Kind.GATEWAY_TOKEN if is_cloudflares(upstream) else Kind.CALLERS
    else:
        kind = Kind.STORED if gateway is not None and authenticated else Kind.NONE
    return Credentials(gateway, upstream, kind)


def authorise(store: Store, credentials: Credentials, account: str, address: str) -> str:
    """The name of the token that may use the gateways of `account`; raises AigError 2009 when there is none."""
    name = _holder(store, credentials.gateway, account, address, AI_GATEWAY_RUN)
    if name is None:
        raise unauthorized()
    return name


def accepted(store: Store, credentials: Credentials, provider: str, account: str, address: str) -> bool:
    """Whether the provider takes what it gets: any key but none, and a Cloudflare token only at Workers AI."""
    if credentials.kind is Kind.GATEWAY_TOKEN and provider == "workers-ai":
        holder = _holder(store, credentials.upstream, account, address, WORKERS_AI_READ, WORKERS_AI_WRITE)
        return holder is not None
    return credentials.kind in {Kind.STORED, Kind.CALLERS}


def is_cloudflares(value: str | None) -> bool:
    """Whether a credential is a token of this Cloudflare, valid or not."""
    return value is not None and value.startswith(LOCAL_TOKEN_PREFIX)


def _holder(store: Store, value: str | None, account: str, address: str, *any_of: Group) -> str | None:
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
