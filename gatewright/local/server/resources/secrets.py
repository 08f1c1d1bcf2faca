"""Secrets of a Secrets Store: /accounts/{account}/secrets_store/stores/{store}/secrets.

A secret is pending for a short while after it was made, as at Cloudflare, and cannot be linked before it is active.
Its value leaves the server only towards a provider.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from typing import Any

from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.core.validation import checked
from gatewright.local.server.resources.secrets_store import (
    MISSING_OR_INVALID,
    QUOTA,
    READ,
    STORE,
    TAKEN,
    WRITE,
    existing,
    malformed,
    refused,
    used,
)

PENDING_FOR = 0.3  # seconds; at Cloudflare a few
LARGEST = 65_536  # bytes of a value

_ORDERS = ("name", "comment", "created", "modified", "status")


def create(call: Call) -> Answer:
    """POST: an array of secrets, all or none; refuses a name that is taken (409, 1003)."""
    store = existing(call)
    if not isinstance(call.body, list) or not call.body:
        raise malformed()
    given = [_checked(each) for each in call.body]
    _need_free(call, store["id"], [each["name"] for each in given])
    return Answer([_shown(insert(call.store, store["id"], each)) for each in given])


def list_(call: Call) -> Answer:
    """GET: by `order` and `direction` (guess: in the order of creation); `search` in name and comment; `scopes`."""
    store = existing(call)
    shown = [_shown(row) for row in call.store.all("SELECT * FROM secrets WHERE store = ? ORDER BY rowid", store["id"])]
    order, search = call.query.get("order", "created"), call.query.get("search", "")
    if order in _ORDERS:
        shown.sort(key=lambda each: each[order] or "")
    if call.query.get("direction") == "desc":
        shown.reverse()
    scopes = {scope for value in call.query.getlist("scopes") for scope in value.split(",")}
    shown = [each for each in shown if search in each["name"] or search in (each["comment"] or "")]
    return Answer(call.page([each for each in shown if scopes.issubset(each["scopes"])], largest=100))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_shown(_existing(call)))


def patch(call: Call) -> Answer:
    """PATCH: value, scopes, comment; what is not in the body stays, a name included."""
    row = _existing(call)
    if not isinstance(call.body, dict):
        raise malformed()
    kept = {"name": row["name"], "value": row["value"], "scopes": json.loads(row["scopes"]), "comment": row["comment"]}
    given = _checked({**kept, **call.body, "name": row["name"]})
    set_value(call.store, row["id"], given["value"])
    call.store.execute(
        "UPDATE secrets SET scopes = ?, comment = ? WHERE id = ?",
        dumped(sorted(set(given["scopes"]))), given.get("comment"), row["id"],
    )  # fmt: skip
    return Answer(_shown(_row(call, row["id"])))


def delete(call: Call) -> Answer:
    """DELETE: answers what was deleted; a provider config that links it stays, without a key (guess)."""
    return Answer(_deleted(call, _existing(call)))


def delete_several(call: Call) -> Answer:
    """DELETE of the collection: `[{id}]`, all or none."""
    existing(call)
    if not isinstance(call.body, list) or not call.body:
        raise malformed()
    rows = [_found(call, each.get("id") if isinstance(each, dict) else None) for each in call.body]
    return Answer([_deleted(call, row) for row in rows])


def duplicate(call: Call) -> Answer:
    """POST …/duplicate: the same value under another name."""
    row = _existing(call)
    if not isinstance(call.body, dict):
        raise malformed()
    given = _checked({**call.body, "value": row["value"]})
    _need_free(call, row["store"], [given["name"]])
    return Answer(_shown(insert(call.store, row["store"], given)))


def insert(store: Store, where: str, given: Json, *, pending_for: float = PENDING_FOR) -> sqlite3.Row:
    """Makes a secret of checked {name, value, scopes, comment?} in the store with the id `where`."""
    identifier, now = uuid.uuid4().hex, clock.milliseconds(clock.now())
    store.execute(
        "INSERT INTO secrets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identifier, where, given["name"], given["value"], dumped(sorted(set(given["scopes"]))), given.get("comment"),
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
    return _status(row) == "active" and service in json.loads(row["scopes"])


def _checked(body: Any) -> Json:
    given = checked("secret", body, _invalid)
    if len(given["value"].encode()) > LARGEST:
        raise refused(400, MISSING_OR_INVALID, "secret_value_too_large")  # guess: the message
    return given


def _invalid(problems: list[Json]) -> ApiError:
    """The first problem by its place; the message never holds what was sent."""
    match problems[0]["path"]:
        case ["body", "name" | "value" as field]:
            message = f"secret_{field}_empty"
        case ["body", "scopes"]:
            message = "secret_scopes_empty"
        case ["body", "scopes", _]:
            message = "secret_scope_invalid"
        case _:
            return malformed()
    return refused(400, MISSING_OR_INVALID, message)


def _need_free(call: Call, store: str, names: list[str]) -> None:
    taken = {row["name"] for row in call.store.all("SELECT name FROM secrets WHERE store = ?", store)}
    if len(set(names)) < len(names) or not taken.isdisjoint(names):
        raise refused(409, TAKEN, "secret_name_already_exists")
    if used(call) + len(names) > QUOTA:
        raise refused(400, TAKEN, "maximum_secrets_exceeded")  # guess


def _row(call: Call, secret: str) -> sqlite3.Row:
    return call.store.one("SELECT * FROM secrets WHERE id = ?", secret)


def _existing(call: Call) -> sqlite3.Row:
    existing(call)
    return _found(call, call.path["secret"])


def _found(call: Call, secret: object) -> sqlite3.Row:
    row = None
    if isinstance(secret, str):
        row = call.store.find("SELECT * FROM secrets WHERE store = ? AND id = ?", call.path["store"], secret)
    if row is None:
        raise refused(404, MISSING_OR_INVALID, "secret_not_found")
    return row


def _deleted(call: Call, row: sqlite3.Row) -> Json:
    call.store.execute("DELETE FROM secrets WHERE id = ?", row["id"])
    return {**_shown(row), "status": "deleted"}


def _shown(row: sqlite3.Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "store_id": row["store"],
        "status": _status(row),
        "scopes": json.loads(row["scopes"]),
        "comment": row["comment"],
        "created": row["created"],
        "modified": row["modified"],
    }


def _status(row: sqlite3.Row) -> str:
    return "active" if row["active_at"] <= clock.timestamp() else "pending"


_COLLECTION = STORE + "/secrets"
_ITEM = _COLLECTION + "/{secret}"

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, WRITE, create, malformed),
    Endpoint("GET", _COLLECTION, READ, list_),
    Endpoint("DELETE", _COLLECTION, WRITE, delete_several, malformed),
    Endpoint("GET", _ITEM, READ, get),
    Endpoint("PATCH", _ITEM, WRITE, patch, malformed),
    Endpoint("DELETE", _ITEM, WRITE, delete),
    Endpoint("POST", _ITEM + "/duplicate", WRITE, duplicate, malformed),
)
