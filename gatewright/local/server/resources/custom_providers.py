"""Custom providers: /accounts/{account}/ai-gateway/custom-providers, used in inference as custom-<slug>."""

from __future__ import annotations

import json
import sqlite3
import uuid

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.core.validation import checked, schema

MISSING, TAKEN, INVALID = 1004, 1003, 1002


def create(call: Call) -> Answer:
    """POST: refuses a slug that is taken (409, 1003) and a URL without https (400, 1002)."""
    given = checked("custom-provider", call.body, _invalid)
    _need_free(call, given["slug"])
    fields = schema("custom-provider")["properties"]
    settings = {name: given.get(name, rule.get("default")) for name, rule in fields.items()}
    provider, now = str(uuid.uuid4()), _now()
    call.store.execute(
        "INSERT INTO custom_providers VALUES (?, ?, ?, ?, ?, ?)",
        provider, call.account, settings["slug"], dumped(settings), now, now,
    )  # fmt: skip
    return Answer(_shown(_row(call, provider)))


def list_(call: Call) -> Answer:
    """GET: by name; `enable`, `beta` and `search` (a part of the name or slug) choose."""
    rows = call.store.all("SELECT * FROM custom_providers WHERE account = ?", call.account)
    shown = sorted((_shown(row) for row in rows), key=lambda each: (each["name"], each["slug"]))
    for flag in ("enable", "beta"):
        if flag in call.query:
            shown = [each for each in shown if each[flag] is (call.query[flag] == "true")]
    wanted = call.query.get("search", "")
    return Answer(call.page([each for each in shown if wanted in each["name"] or wanted in each["slug"]], largest=100))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_shown(_row(call, call.path["provider"])))


def patch(call: Call) -> Answer:
    """PATCH: what is not in the body stays."""
    row = _row(call, call.path["provider"])
    given = call.body if isinstance(call.body, dict) else {}
    fields = schema("custom-provider")["properties"]
    settings = json.loads(row["settings"]) | {name: value for name, value in given.items() if name in fields}
    checked("custom-provider", settings, _invalid)
    if settings["slug"] != row["slug"]:
        _need_free(call, settings["slug"])
    call.store.execute(
        "UPDATE custom_providers SET slug = ?, settings = ?, modified_at = ? WHERE id = ?",
        settings["slug"], dumped(settings), _now(), row["id"],
    )  # fmt: skip
    return Answer(_shown(_row(call, row["id"])))


def delete(call: Call) -> Answer:
    """DELETE: answers what was deleted."""
    row = _row(call, call.path["provider"])
    call.store.execute("DELETE FROM custom_providers WHERE id = ?", row["id"])
    return Answer(_shown(row))


def base_url(store: Store, account: str, slug: str) -> str | None:
    """Where an enabled custom provider is reached; None where there is none of that slug."""
    row = store.find("SELECT * FROM custom_providers WHERE account = ? AND slug = ?", account, slug)
    shown = _shown(row) if row is not None else {"enable": False}
    return str(shown["base_url"]) if shown["enable"] else None


def _invalid(problems: list[Json]) -> ApiError:
    return ApiError(400, *({"code": INVALID, **problem} for problem in problems))


def _need_free(call: Call, slug: str) -> None:
    if call.store.find("SELECT id FROM custom_providers WHERE account = ? AND slug = ?", call.account, slug):
        message = f"A custom provider with the slug {slug} already exists"
        raise ApiError(409, {"code": TAKEN, "message": message, "path": ["body", "slug"]})


def _row(call: Call, provider: str) -> sqlite3.Row:
    row = call.store.find("SELECT * FROM custom_providers WHERE account = ? AND id = ?", call.account, provider)
    if row is None:
        raise ApiError(404, {"code": MISSING, "message": "Custom provider not found"})
    return row


def _shown(row: sqlite3.Row) -> Json:
    times = {"created_at": row["created_at"], "modified_at": row["modified_at"]}
    return {"id": row["id"], **json.loads(row["settings"]), **times}


def _now() -> str:
    return clock.milliseconds(clock.now())


_COLLECTION = "/accounts/{account}/ai-gateway/custom-providers"
_ITEM = _COLLECTION + "/{provider}"
_WRITE = (AI_GATEWAY_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("PATCH", _ITEM, _WRITE, patch),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
)
