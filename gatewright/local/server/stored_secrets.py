"""Secrets of a Secrets Store: /accounts/{account}/secrets_store/stores/{store}/secrets.

A secret is pending for a short while after it was made, as at Cloudflare, and cannot be linked before it is active.
Its value leaves the server only towards a provider.
"""

from __future__ import annotations

import json
import sqlite3
import uuid

from gatewright.local.server import clock
from gatewright.local.server.envelope import Json
from gatewright.local.server.store import Store, dumped

PENDING_FOR = 0.3  # seconds; at Cloudflare a few


def insert(store: Store, where: str, given: Json, *, pending_for: float = PENDING_FOR) -> sqlite3.Row:
    """Makes a secret of checked {name, value, scopes, comment?} in the store with the id `where`."""
    identifier, now = uuid.uuid4().hex, clock.milliseconds(clock.now())
    store.execute(
        "INSERT INTO secrets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identifier, where, given["name"], given["value"], dumped(sorted(given["scopes"])), given.get("comment"),
        now, now, clock.timestamp() + pending_for,
    )  # fmt: skip
    return store.one("SELECT * FROM secrets WHERE id = ?", identifier)


def set_value(store: Store, secret: str, value: str) -> None:
    """Replaces a value in place; the secret stays active (guess)."""
    store.execute(
        "UPDATE secrets SET value = ?, modified = ? WHERE id = ?", value, clock.milliseconds(clock.now()), secret
    )


def usable(row: sqlite3.Row, service: str) -> bool:
    """Whether the secret is active, and `service` is in its scopes."""
    return bool(row["active_at"] <= clock.timestamp()) and service in json.loads(row["scopes"])
