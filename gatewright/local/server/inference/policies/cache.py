"""The gateway's cache of whole answers, streams included.

The key is the provider, the endpoint and the body, or what the caller says; metadata and credentials do not count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store, dumped

SHORTEST, LONGEST = 60, 30 * 24 * 3600  # seconds that cf-aig-cache-ttl may ask for; guess: clamped to them
KEYED = 300  # seconds kept under a caller's key when the gateway's cache is off


@dataclass(frozen=True, slots=True)
class Policy:
    """How one request uses the cache: its key, and the seconds an answer is kept (0: not at all)."""

    key: str
    ttl: int


def policy(headers: Mapping[str, str], gateway: Json, provider: str, endpoint: str, body: Json) -> Policy:
    """The request's headers before the gateway's setting; the legacy names without `aig` are understood too."""
    own_key = headers.get("cf-aig-cache-key")
    if _header(headers, "skip-cache") == "true":
        ttl = 0
    elif (asked := _header(headers, "cache-ttl")) is not None and asked.isascii() and asked.isdecimal():
        seconds = int(asked[:9])
        ttl = min(max(seconds, SHORTEST), LONGEST) if seconds else 0
    else:
        ttl = gateway["cache_ttl"] or (KEYED if own_key else 0)
    text = own_key or json.dumps([provider, endpoint, body], sort_keys=True)
    return Policy(hashlib.sha256(text.encode()).hexdigest(), ttl)


def find(store: Store, account: str, gateway: str, key: str, now: float) -> tuple[Json, bytes] | None:
    """Headers and body of the answer kept under `key`, while it lives."""
    row = store.find(
        "SELECT headers, body FROM responses WHERE account = ? AND gateway = ? AND key = ? AND expires_at > ?",
        account, gateway, key, now,
    )  # fmt: skip
    return None if row is None else (json.loads(row["headers"]), row["body"])


def keep(store: Store, account: str, gateway: str, key: str, until: float, headers: Json, body: bytes) -> None:
    """Keeps an answer until `until`, in place of an older one."""
    store.execute(
        "INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?, ?, ?)",
        account, gateway, key, until, dumped(headers), body,
    )  # fmt: skip


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get(f"cf-aig-{name}", headers.get(f"cf-{name}"))
