"""AI gateways: /accounts/{account}/ai-gateway/gateways."""

from __future__ import annotations

import json
import uuid

from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.facts.schema import Null
from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import schema, validate

WRITE = (AI_GATEWAY_WRITE,)
READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)
INVALID, NOT_FOUND = 7001, 7002  # the codes of all endpoints of AI Gateway
MAX_GATEWAYS = 20  # of a paid account
UNSET_BY_NULL = tuple(field.wire_name for field in AI_GATEWAY.inputs if field.null is Null.UNSETS)

invalid = invalid_body(INVALID)


def not_found(kind: str) -> ApiError:
    """The gateway, or the object of that kind in it, does not exist."""
    return ApiError.of(404, NOT_FOUND, f"{kind} not found")


def create(call: Call) -> Result:
    """Create a gateway. A name that exists is refused (400, 7001)."""
    settings = checked_settings(call.body)
    if "id" not in call.body:
        raise invalid([{"message": "Required", "path": ["body", "id"]}])
    name = call.body["id"]
    if find(call.store, call.account, name) is not None:
        raise ApiError.of(400, INVALID, f"A gateway named {name} already exists")
    if len(GATEWAYS.rows(call)) >= MAX_GATEWAYS:
        raise ApiError.of(400, INVALID, f"An account has at most {MAX_GATEWAYS} gateways")
    return Result(insert(call.store, call.account, name, settings))


def list_(call: Call) -> Result:
    """List the gateways, the newest first. `search` matches part of the id."""
    search = call.query.get("search", "")
    return GATEWAYS.page(call, [gateway for gateway in GATEWAYS.shown(call) if search in gateway["id"]])


def replace(call: Call) -> Result:
    """Replace all settings. A setting that the body leaves out gets the server's default."""
    row = GATEWAYS.existing(call)
    settings = checked_settings(call.body)
    if settings["cache_invalidate_on_update"]:
        _clear_cache(call)
    return Result(_show(call.store, GATEWAYS.update(call.store, row, settings=to_json(settings))))


def delete(call: Call) -> Result:
    """Delete the gateway and return it."""
    GATEWAYS.existing(call)
    _clear_cache(call)
    return GATEWAYS.delete(call)


def url(call: Call) -> Result:
    """Return the provider's base URL at this gateway, as a bare string."""
    row = GATEWAYS.existing(call)
    return Result(f"{call.base_url}/v1/{call.account}/{row['id']}/{call.path['provider']}")


def find(store: Store, account: str, name: str) -> Json | None:
    """A gateway as the API returns it, or None."""
    row = GATEWAYS.find(store, account=account, id=name)
    return None if row is None else _show(store, row)


def existing(call: Call) -> Json:
    """The gateway in the path, as the API returns it. Raises ApiError where it does not exist."""
    return _show(call.store, GATEWAYS.existing(call))


def insert(store: Store, account: str, name: str, settings: Json, *, is_default: bool = False) -> Json:
    """Create a gateway with valid settings and return it as the API does."""
    columns = {"account": account, "id": name, "internal_id": str(uuid.uuid4()), "is_default": is_default}
    return _show(store, GATEWAYS.insert(store, **columns, settings=to_json(settings)))


def insert_default(store: Store, account: str) -> Json:
    """Create the gateway `default`, as Cloudflare does at the first authenticated request to it."""
    settings = {
        "cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0, "authentication": True,
    }  # fmt: skip
    return insert(store, account, "default", checked_settings(settings), is_default=True)


def checked_settings(body: object) -> Json:
    """The valid body with the server's defaults. Unknown keys are dropped; a cache_ttl of null is stored as 0."""
    valid = validate("gateway", _without_unset(body), invalid)
    settings = {
        name: valid.get(name, rule.get("default"))
        for name, rule in schema("gateway")["properties"].items()
        if name != "id" and (name in valid or "default" in rule)
    }
    settings["cache_ttl"] = settings["cache_ttl"] or 0
    for rule in (settings["spend_limits"] or {}).get("rules", []):
        rule.setdefault("id", uuid.uuid4().hex[:8])
    return settings


def _without_unset(body: object) -> object:
    """Without the nulls by which upstream's plugin unsets: inside objects, and of some settings (tpc#7336)."""
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


def _clear_cache(call: Call) -> None:
    call.store.execute("DELETE FROM responses WHERE account = ? AND gateway = ?", call.account, call.path["gateway"])


def _show(_: Store, row: Row) -> Json:
    """Includes account_id, account_tag and internal_id, which Cloudflare leaks."""
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


GATEWAYS = Collection(
    path="/accounts/{account}/ai-gateway/gateways",
    parameter="gateway",
    table="gateways",
    read=READ,
    write=WRITE,
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: not_found("Gateway"),
    order="rowid DESC",
)

ENDPOINTS = (
    *GATEWAYS.endpoints(create=create, list_=list_, replace=replace, delete=delete),
    Endpoint("GET", GATEWAYS.item + "/url/{provider}", READ, url),
)
