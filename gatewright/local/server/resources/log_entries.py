"""The gateways' own logs: an entry for each request, as Cloudflare's API shows it, with request and response."""

from __future__ import annotations

import json

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Row, Store, to_json

STOP_INSERTING = "STOP_INSERTING"
HEAD = 1000  # characters of the request and of the response in one entry (guess: how many)


def add(store: Store, account: str, gateway: Json, entry: Json, request: bytes | None, response: bytes | None) -> None:
    """Add an entry under its `id`. At the gateway's limit it is dropped, or the oldest are deleted."""
    limit = gateway["log_management"]
    if limit is not None:
        excess = _count(store, account, gateway["id"]) + 1 - limit
        if excess > 0 and gateway["log_management_strategy"] == STOP_INSERTING:
            return
        if excess > 0:
            store.execute(
                "DELETE FROM inference_log WHERE number IN "
                "(SELECT number FROM inference_log WHERE account = ? AND gateway = ? ORDER BY number LIMIT ?)",
                account, gateway["id"], excess,
            )  # fmt: skip
    store.execute(
        "INSERT INTO inference_log (id, account, gateway, entry, request, response) VALUES (?, ?, ?, ?, ?, ?)",
        entry["id"], account, gateway["id"], to_json(entry), request, response,
    )  # fmt: skip


def find(store: Store, account: str, gateway: str, identifier: str) -> Row | None:
    """The row of an entry, with request and response."""
    return store.find(
        "SELECT * FROM inference_log WHERE account = ? AND gateway = ? AND id = ?", account, gateway, identifier
    )


def shown(row: Row) -> Json:
    """An entry as in a list."""
    entry: Json = json.loads(row["entry"])
    return entry


def with_heads(row: Row) -> Json:
    """An entry with the start of the request and of the response."""
    return {**shown(row), **_head("request", row["request"]), **_head("response", row["response"])}


def _head(name: str, payload: bytes | None) -> Json:
    if payload is None:
        return {f"{name}_head": None, f"{name}_head_complete": None}
    text = payload.decode(errors="replace")
    return {f"{name}_head": text[:HEAD], f"{name}_head_complete": len(text) <= HEAD}


def _count(store: Store, account: str, gateway: str) -> int:
    row = store.find("SELECT entries FROM inference_log_sizes WHERE account = ? AND gateway = ?", account, gateway)
    return 0 if row is None else int(row["entries"])
