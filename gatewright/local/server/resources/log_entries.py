"""The gateways' own logs: an entry for each request, as Cloudflare's API shows it, with what was asked and answered."""

from __future__ import annotations

import json
import sqlite3

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store, dumped

STOP_INSERTING = "STOP_INSERTING"
HEAD = 1000  # characters of a request or an answer that one entry shows (guess: how many)


def add(store: Store, account: str, gateway: Json, entry: Json, request: bytes | None, response: bytes | None) -> None:
    """Adds an entry under its `id`. At the gateway's limit it is dropped, or the oldest make room."""
    most = gateway["log_management"]
    if most is not None:
        beyond = _count(store, account, gateway["id"]) + 1 - most
        if beyond > 0 and gateway["log_management_strategy"] == STOP_INSERTING:
            return
        if beyond > 0:
            store.execute(
                "DELETE FROM inference_log WHERE number IN "
                "(SELECT number FROM inference_log WHERE account = ? AND gateway = ? ORDER BY number LIMIT ?)",
                account, gateway["id"], beyond,
            )  # fmt: skip
    store.execute(
        "INSERT INTO inference_log (id, account, gateway, entry, request, response) VALUES (?, ?, ?, ?, ?, ?)",
        entry["id"], account, gateway["id"], dumped(entry), request, response,
    )  # fmt: skip


def find(store: Store, account: str, gateway: str, identifier: str) -> sqlite3.Row | None:
    """The row of an entry, with its payloads."""
    return store.find(
        "SELECT * FROM inference_log WHERE account = ? AND gateway = ? AND id = ?", account, gateway, identifier
    )


def shown(row: sqlite3.Row) -> Json:
    """An entry as a list shows it."""
    entry: Json = json.loads(row["entry"])
    return entry


def whole(row: sqlite3.Row) -> Json:
    """An entry as it is shown alone: with the beginnings of what was asked and answered."""
    return {**shown(row), **_head("request", row["request"]), **_head("response", row["response"])}


def _head(name: str, payload: bytes | None) -> Json:
    if payload is None:
        return {f"{name}_head": None, f"{name}_head_complete": None}
    text = payload.decode(errors="replace")
    return {f"{name}_head": text[:HEAD], f"{name}_head_complete": len(text) <= HEAD}


def _count(store: Store, account: str, gateway: str) -> int:
    """How many entries a gateway has."""
    row = store.find("SELECT entries FROM inference_log_sizes WHERE account = ? AND gateway = ?", account, gateway)
    return 0 if row is None else int(row["entries"])
