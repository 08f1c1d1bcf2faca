"""AI gateways: /accounts/{account}/ai-gateway/gateways."""

from __future__ import annotations

import json
import sqlite3
import uuid

from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.facts.schema import Null
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.core.validation import checked, schema

INVALID, MISSING = 7001, 7002  # what AI Gateway answers everywhere to a bad body, and for what is not there
MOST = 20  # gateways in a paid account
UNSET_BY_NULL = tuple(field.wire_name for field in AI_GATEWAY.inputs if field.null is Null.UNSETS)


def create(call: Call) -> Answer:
    """POST: refuses a name that is taken (400, 7001)."""
    settings = checked_settings(call.body)
    if "id" not in call.body:
        raise invalid([{"message": "Required", "path": ["body", "id"]}])
    name = call.body["id"]
    if find(call.store, call.account, name) is not None:
        raise ApiError(400, {"code": INVALID, "message": f"A gateway named {name} already exists"})
    if len(_rows(call)) >= MOST:
        raise ApiError(400, {"code": INVALID, "message": f"An account has at most {MOST} gateways"})
    return Answer(insert(call.store, call.account, name, settings))


def list_(call: Call) -> Answer:
    """GET: in the order of creation, the newest first; `search` is part of the id."""
    wanted = call.query.get("search", "")
    return Answer(call.page([shown(row) for row in _rows(call) if wanted in row["id"]], largest=100))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(shown(existing(call)))


def put(call: Call) -> Answer:
    """PUT: the body is the whole of the settings; what is not in it falls back to the server's default."""
    row = existing(call)
    settings = checked_settings(call.body)
    if settings["cache_invalidate_on_update"]:
        _forget_responses(call)
    call.store.execute(
        "UPDATE gateways SET settings = ?, modified_at = ? WHERE account = ? AND id = ?",
        dumped(settings), clock.milliseconds(clock.now()), call.account, row["id"],
    )  # fmt: skip
    return Answer(shown(existing(call)))


def delete(call: Call) -> Answer:
    """DELETE: answers what was deleted."""
    row = existing(call)
    _forget_responses(call)
    call.store.execute("DELETE FROM gateways WHERE account = ? AND id = ?", call.account, row["id"])
    return Answer(shown(row))


def url(call: Call) -> Answer:
    """GET …/url/{provider}: where that provider is called through the gateway, as a bare string."""
    row = existing(call)
    return Answer(f"{call.base_url}/v1/{call.account}/{row['id']}/{call.path['provider']}")


def invalid(problems: list[Json]) -> ApiError:
    """A body that does not fit: each problem with its path."""
    return ApiError(400, *({"code": INVALID, **problem} for problem in problems))


def missing(what: str) -> ApiError:
    """There is no such gateway, or no such thing of it."""
    return ApiError(404, {"code": MISSING, "message": f"{what} not found"})


def find(store: Store, account: str, name: str) -> Json | None:
    """A gateway as the API shows it, or None."""
    row = store.find("SELECT * FROM gateways WHERE account = ? AND id = ?", account, name)
    return None if row is None else shown(row)


def insert(store: Store, account: str, name: str, settings: Json, *, is_default: bool = False) -> Json:
    """Makes a gateway of checked settings; answers it as the API shows it."""
    now = clock.milliseconds(clock.now())
    store.execute(
        "INSERT INTO gateways VALUES (?, ?, ?, ?, ?, ?, ?)",
        account, name, str(uuid.uuid4()), dumped(settings), is_default, now, now,
    )  # fmt: skip
    return shown(store.one("SELECT * FROM gateways WHERE account = ? AND id = ?", account, name))


def insert_default(store: Store, account: str) -> Json:
    """The gateway `default`, which Cloudflare makes at the first authenticated request to it."""
    settings = {
        "cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0, "authentication": True,
    }  # fmt: skip
    return insert(store, account, "default", checked_settings(settings), is_default=True)


def checked_settings(body: object) -> Json:
    """The checked body with the server's defaults; unknown keys are dropped, a cache_ttl of null is stored as 0."""
    given = checked("gateway", _without_unset(body), invalid)
    settings = {
        name: given.get(name, rule.get("default"))
        for name, rule in schema("gateway")["properties"].items()
        if name != "id" and (name in given or "default" in rule)
    }
    settings["cache_ttl"] = settings["cache_ttl"] or 0
    for rule in (settings["spend_limits"] or {}).get("rules", []):
        rule.setdefault("id", uuid.uuid4().hex[:8])
    return settings


def _without_unset(body: object) -> object:
    """Without the nulls by which upstream's plugin unsets: in objects, and of settings that take it (tpc#7336)."""
    if not isinstance(body, dict):
        return body
    kept = {name: value for name, value in body.items() if value is not None or name not in UNSET_BY_NULL}
    return {name: _without_nulls(value) for name, value in kept.items()}


def _without_nulls(value: object) -> object:
    match value:
        case dict():
            return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [_without_nulls(inner) for inner in value]
        case _:
            return value


def _rows(call: Call) -> list[sqlite3.Row]:
    return call.store.all("SELECT * FROM gateways WHERE account = ? ORDER BY rowid DESC", call.account)


def existing(call: Call) -> sqlite3.Row:
    """The row of the gateway in the path; raises ApiError when the account has none of that name."""
    row = call.store.find("SELECT * FROM gateways WHERE account = ? AND id = ?", call.account, call.path["gateway"])
    if row is None:
        raise missing("Gateway")
    return row


def _forget_responses(call: Call) -> None:
    call.store.execute("DELETE FROM responses WHERE account = ? AND gateway = ?", call.account, call.path["gateway"])


def shown(row: sqlite3.Row) -> Json:
    """As the API shows it: with account_id, account_tag and internal_id, which the real one leaks."""
    return {
        "id": row["id"],
        **json.loads(row["settings"]),
        "is_default": bool(row["is_default"]),
        "created_at": row["created_at"],
        "modified_at": row["modified_at"],
        "account_id": row["account"],
        "account_tag": row["account"],
        "internal_id": row["internal_id"],
    }


_COLLECTION = "/accounts/{account}/ai-gateway/gateways"
_ITEM = _COLLECTION + "/{gateway}"
_WRITE = (AI_GATEWAY_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("PUT", _ITEM, _WRITE, put),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
    Endpoint("GET", _ITEM + "/url/{provider}", _READ, url),
)
