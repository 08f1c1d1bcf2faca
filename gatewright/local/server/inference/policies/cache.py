"""The gateway's cache of whole responses, including streams.

The key is the provider, the endpoint and the body, or the client's own key; metadata and credentials do not count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store, to_json

MIN_TTL, MAX_TTL = 60, 30 * 24 * 3600  # seconds of cf-aig-cache-ttl; guess: other values are clamped
TTL_OF_OWN_KEY = 300  # seconds, under a client's own key where the gateway's cache is off


@frozen
class CachePolicy:
    """How one request uses the cache: its key, and the seconds a response is kept (0: not at all)."""

    key: str
    ttl: int


def policy(headers: Mapping[str, str], gateway: Json, provider: str, endpoint: str, body: Json) -> CachePolicy:
    """The request's headers override the gateway's setting. The legacy names without `aig` work too."""
    own_key = headers.get("cf-aig-cache-key")
    if _header(headers, "skip-cache") == "true":
        ttl = 0
    elif (requested := _header(headers, "cache-ttl")) is not None and requested.isascii() and requested.isdecimal():
        seconds = int(requested[:9])
        ttl = min(max(seconds, MIN_TTL), MAX_TTL) if seconds else 0
    else:
        ttl = gateway["cache_ttl"] or (TTL_OF_OWN_KEY if own_key else 0)
    text = own_key or json.dumps([provider, endpoint, body], sort_keys=True)
    return CachePolicy(hashlib.sha256(text.encode()).hexdigest(), ttl)


def find(store: Store, account: str, gateway: str, key: str, now: float) -> tuple[Json, bytes] | None:
    """Headers and body of the response under `key`; None where there is none, or it has expired."""
    row = store.find(
        "SELECT headers, body FROM responses WHERE account = ? AND gateway = ? AND key = ? AND expires_at > ?",
        account, gateway, key, now,
    )  # fmt: skip
    return None if row is None else (json.loads(row["headers"]), row["body"])


def add(store: Store, account: str, gateway: str, key: str, until: float, headers: Json, body: bytes) -> None:
    """Keep a response until `until`, replacing an older one."""
    store.execute(
        "INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?, ?, ?)",
        account, gateway, key, until, to_json(headers), body,
    )  # fmt: skip


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(f"cf-aig-{name}", headers.get(f"cf-{name}"))
