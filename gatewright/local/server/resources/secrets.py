"""Secrets of a Secrets Store: /accounts/{account}/secrets_store/stores/{store}/secrets.

As at Cloudflare, a new secret is pending for a short while, and cannot be linked until it is active. Its value is sent
to providers only.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from gatewright.local.server.core import clock
from gatewright.local.server.core.collection import Collection, in_path
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, Json, Result
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources.secrets_store import (
    EXISTS,
    NOT_FOUND_OR_INVALID,
    QUOTA,
    READ,
    STORES,
    WRITE,
    count_secrets,
    malformed,
)

PENDING_FOR = 0.3  # seconds; at Cloudflare a few
MAX_VALUE_SIZE = 65_536  # bytes

_ORDERS = ("name", "comment", "created", "modified", "status")


def create(call: Call) -> Result:
    """Create an array of secrets, all or none. A name that exists is refused (409, 1003)."""
    store = STORES.existing(call)
    secrets = [_validate(body) for body in _bodies(call)]
    _require_free(call, store["id"], [secret["name"] for secret in secrets])
    return Result([_show(call.store, insert(call.store, store["id"], secret)) for secret in secrets])


def list_(call: Call) -> Result:
    """List by `order` and `direction` (guess: the oldest first). `search` in name and comment, `scopes` filter."""
    secrets = SECRETS.shown(call)
    order, search = call.query.get("order", "created"), call.query.get("search", "")
    if order in _ORDERS:
        secrets.sort(key=lambda secret: secret[order] or "")
    if call.query.get("direction") == "desc":
        secrets.reverse()
    scopes = {scope for value in call.query.getlist("scopes") for scope in value.split(",")}
    secrets = [secret for secret in secrets if search in secret["name"] or search in (secret["comment"] or "")]
    return SECRETS.page(call, [secret for secret in secrets if scopes.issubset(secret["scopes"])])


def patch(call: Call) -> Result:
    """Change value, scopes and comment where the body has them; the name stays."""
    row = SECRETS.existing(call)
    if not isinstance(call.body, dict):
        raise malformed()
    current = {key: row[key] for key in ("value", "comment")} | {"scopes": json.loads(row["scopes"])}
    secret = _validate({**current, **call.body, "name": row["name"]})
    return Result(_show(call.store, SECRETS.update(call.store, row, **_columns(secret))))


def delete(call: Call) -> Result:
    """Delete the secret and return it. A provider config that links it stays, without a key (guess)."""
    return Result(_delete(call, SECRETS.existing(call)))


def delete_several(call: Call) -> Result:
    """Delete the secrets `[{id}]`, all or none, and return them."""
    STORES.existing(call)
    ids = [body.get("id") if isinstance(body, dict) else None for body in _bodies(call)]
    rows = [SECRETS.existing(call, identifier if isinstance(identifier, str) else "") for identifier in ids]
    return Result([_delete(call, row) for row in rows])


def duplicate(call: Call) -> Result:
    """Create a secret with the same value and another name."""
    row = SECRETS.existing(call)
    if not isinstance(call.body, dict):
        raise malformed()
    secret = _validate({**call.body, "value": row["value"]})
    _require_free(call, row["store"], [secret["name"]])
    return Result(_show(call.store, insert(call.store, row["store"], secret)))


def insert(store: Store, where: str, secret: Json, *, pending_for: float = PENDING_FOR) -> Row:
    """Create a secret from a valid {name, value, scopes, comment?} in the store with the id `where`."""
    columns = {"store": where, "name": secret["name"], "active_at": clock.epoch_seconds() + pending_for}
    return SECRETS.insert(store, id=uuid.uuid4().hex, **columns, **_columns(secret))


def set_value(store: Store, secret: str, value: str) -> None:
    """Replace a value; the secret stays active (guess)."""
    store.execute("UPDATE secrets SET value = ?, modified = ? WHERE id = ?", value, clock.timestamp(), secret)


def is_usable(row: Row, service: str) -> bool:
    """Whether the secret is active and `service` is in its scopes."""
    return _status(row) == "active" and service in json.loads(row["scopes"])


def _bodies(call: Call) -> list[Any]:
    if not isinstance(call.body, list) or not call.body:
        raise malformed()
    return call.body


def _validate(body: Any) -> Json:
    secret = validate("secret", body, _invalid)
    if len(secret["value"].encode()) > MAX_VALUE_SIZE:
        raise ApiError.of(400, NOT_FOUND_OR_INVALID, "secret_value_too_large")  # guess: the message
    return secret


def _invalid(violations: list[Json]) -> ApiError:
    """The first violation. The message never contains the value."""
    match violations[0]["path"]:
        case ["body", "name" | "value" as field]:
            message = f"secret_{field}_empty"
        case ["body", "scopes"]:
            message = "secret_scopes_empty"
        case ["body", "scopes", _]:
            message = "secret_scope_invalid"
        case _:
            return malformed()
    return ApiError.of(400, NOT_FOUND_OR_INVALID, message)


def _columns(secret: Json) -> Json:
    scopes = to_json(sorted(set(secret["scopes"])))
    return {"value": secret["value"], "scopes": scopes, "comment": secret.get("comment")}


def _require_free(call: Call, store: str, names: list[str]) -> None:
    existing = {row["name"] for row in call.store.all("SELECT name FROM secrets WHERE store = ?", store)}
    if len(set(names)) < len(names) or not existing.isdisjoint(names):
        raise ApiError.of(409, EXISTS, "secret_name_already_exists")
    if count_secrets(call) + len(names) > QUOTA:
        raise ApiError.of(400, EXISTS, "maximum_secrets_exceeded")  # guess


def _delete(call: Call, row: Row) -> Json:
    SECRETS.remove(call.store, row)
    return {**_show(call.store, row), "status": "deleted"}


def _show(_: Store, row: Row) -> Json:
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


def _status(row: Row) -> str:
    return "active" if row["active_at"] <= clock.epoch_seconds() else "pending"


SECRETS = Collection(
    path=STORES.item + "/secrets",
    parameter="secret",
    table="secrets",
    read=READ,
    write=WRITE,
    scope={"store": in_path("store")},
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND_OR_INVALID, "secret_not_found"),
    timestamps=("created", "modified"),
    parent=STORES.existing,
)

ENDPOINTS = (
    Endpoint("POST", SECRETS.path, WRITE, create, malformed),
    Endpoint("GET", SECRETS.path, READ, list_),
    Endpoint("DELETE", SECRETS.path, WRITE, delete_several, malformed),
    Endpoint("GET", SECRETS.item, READ, SECRETS.get),
    Endpoint("PATCH", SECRETS.item, WRITE, patch, malformed),
    Endpoint("DELETE", SECRETS.item, WRITE, delete),
    Endpoint("POST", SECRETS.item + "/duplicate", WRITE, duplicate, malformed),
)
