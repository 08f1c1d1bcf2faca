"""DNS records of a zone: /zones/{zone}/dns_records, of the types A, AAAA, CNAME and TXT. Nothing resolves them.

Codes as reported of Cloudflare: 1004 with the reason in error_chain, 81053 for a name that is taken, 81044 for a record
that is not there.
"""

from __future__ import annotations

import json
import sqlite3
import uuid

from gatewright.facts.permissions import DNS_READ, DNS_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.core.validation import checked, schema

INVALID, TAKEN, MISSING = 1004, 81053, 81044
_REASON = 9000  # guess: one for each kind of mistake at Cloudflare
_EXCLUSIVE = ("A", "AAAA", "CNAME")


def create(call: Call) -> Answer:
    """POST: a name is completed by the zone's; a CNAME shares its name with no A, AAAA or CNAME."""
    settings = _settings(call, call.body)
    _need_free(call, settings, but="")
    identifier, now = uuid.uuid4().hex, clock.milliseconds(clock.now())
    call.store.execute(
        "INSERT INTO dns_records VALUES (?, ?, ?, ?, ?, ?, ?)",
        identifier, call.path["zone"], settings["name"], settings["type"], dumped(settings), now, now,
    )  # fmt: skip
    return Answer(_shown(_row(call, identifier)))


def list_(call: Call) -> Answer:
    """GET: by name; `name`, `type`, `content` (also as name.exact, content.exact) choose."""
    rows = call.store.all("SELECT * FROM dns_records WHERE zone = ? ORDER BY name, rowid", call.path["zone"])
    shown = [_shown(row) for row in rows]
    for field in ("name", "type", "content"):
        wanted = call.query.get(field, call.query.get(f"{field}.exact"))
        shown = [each for each in shown if wanted in (None, each[field])]
    return Answer(call.page(shown, largest=5000))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_shown(_existing(call)))


def put(call: Call) -> Answer:
    """PUT: the body is the whole of the record."""
    return _changed(call, _existing(call), call.body)


def patch(call: Call) -> Answer:
    """PATCH: what is not in the body stays."""
    row = _existing(call)
    given = call.body if isinstance(call.body, dict) else {}
    return _changed(call, row, json.loads(row["settings"]) | given)


def delete(call: Call) -> Answer:
    """DELETE: answers the id only."""
    row = _existing(call)
    call.store.execute("DELETE FROM dns_records WHERE id = ?", row["id"])
    return Answer({"id": row["id"]})


def leads(store: Store, account: str, name: str, target: str) -> bool:
    """Whether a proxied CNAME in a zone of the account leads from `name` to `target`."""
    rows = store.all(
        "SELECT r.settings FROM dns_records AS r JOIN zones AS z ON z.id = r.zone"
        " WHERE z.account = ? AND r.name = ? AND r.type = 'CNAME'",
        account, name,
    )  # fmt: skip
    records = [json.loads(row["settings"]) for row in rows]
    return any(record["proxied"] and record["content"].rstrip(".") == target for record in records)


def _changed(call: Call, row: sqlite3.Row, body: object) -> Answer:
    settings = _settings(call, body)
    _need_free(call, settings, but=row["id"])
    call.store.execute(
        "UPDATE dns_records SET name = ?, type = ?, settings = ?, modified_on = ? WHERE id = ?",
        settings["name"], settings["type"], dumped(settings), clock.milliseconds(clock.now()), row["id"],
    )  # fmt: skip
    return Answer(_shown(_row(call, row["id"])))


def _settings(call: Call, body: object) -> Json:
    """The checked body with the server's defaults and the whole name; what is proxied has the ttl 1."""
    given = checked("dns-record", body, _invalid)
    fields = schema("dns-record")["properties"]
    settings = {name: given.get(name, rule.get("default")) for name, rule in fields.items()}
    zone = call.store.one("SELECT name FROM zones WHERE id = ?", call.path["zone"])["name"]
    name = given["name"].rstrip(".").lower()
    inside = name == zone or name.endswith(f".{zone}")
    settings["name"] = zone if name == "@" else name if inside else f"{name}.{zone}"
    if settings["proxied"]:
        settings["ttl"] = 1
    if settings["proxied"] and settings["type"] not in _EXCLUSIVE:
        raise _invalid([{"message": f"A {settings['type']} record cannot be proxied", "path": ["body", "proxied"]}])
    return settings


def _need_free(call: Call, settings: Json, *, but: str) -> None:
    rows = call.store.all(
        "SELECT type FROM dns_records WHERE zone = ? AND name = ? AND id != ?",
        call.path["zone"], settings["name"], but,
    )  # fmt: skip
    types = {row["type"] for row in rows}.intersection(_EXCLUSIVE)
    if types and settings["type"] in _EXCLUSIVE and "CNAME" in {settings["type"], *types}:
        raise ApiError(400, {"code": TAKEN, "message": "An A, AAAA, or CNAME record with that host already exists."})


def _invalid(problems: list[Json]) -> ApiError:
    chain = [{"code": _REASON, "message": f"{'.'.join(each['path'])}: {each['message']}"} for each in problems]
    return ApiError(400, {"code": INVALID, "message": "DNS Validation Error", "error_chain": chain})


def _row(call: Call, record: str) -> sqlite3.Row:
    return call.store.one("SELECT * FROM dns_records WHERE id = ?", record)


def _existing(call: Call) -> sqlite3.Row:
    row = call.store.find("SELECT * FROM dns_records WHERE zone = ? AND id = ?", call.path["zone"], call.path["record"])
    if row is None:
        raise ApiError(404, {"code": MISSING, "message": "Record does not exist."})
    return row


def _shown(row: sqlite3.Row) -> Json:
    settings = json.loads(row["settings"])
    return {
        "id": row["id"],
        **settings,
        "proxiable": settings["type"] in _EXCLUSIVE,
        "meta": {},
        "created_on": row["created_on"],
        "modified_on": row["modified_on"],
    }


_COLLECTION = "/zones/{zone}/dns_records"
_ITEM = _COLLECTION + "/{record}"
_WRITE = (DNS_WRITE,)
_READ = (DNS_READ, DNS_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("PUT", _ITEM, _WRITE, put),
    Endpoint("PATCH", _ITEM, _WRITE, patch),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
)
