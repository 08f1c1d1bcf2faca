"""DNS records of a zone: /zones/{zone}/dns_records, of the types A, AAAA, CNAME and TXT. They are not resolved.

Error codes as reported of Cloudflare: 1004 with the reason in error_chain, 81053 for a name that exists, 81044 for a
record that does not exist.
"""

from __future__ import annotations

import json
import uuid

from gatewright.facts.permissions import DNS_READ, DNS_WRITE
from gatewright.local.server.core.collection import Collection, in_path
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import ApiError, Json, Result
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import validate, with_defaults

INVALID, EXISTS, NOT_FOUND = 1004, 81053, 81044
_REASON = 9000  # guess: Cloudflare has a code for each kind of mistake
_EXCLUSIVE = ("A", "AAAA", "CNAME")


def create(call: Call) -> Result:
    """Create a record. The zone's name is appended to its name; a CNAME shares its name with no A, AAAA or CNAME."""
    settings = _settings(call, call.body)
    _require_free(call, settings, ignore="")
    return Result(RECORDS.add(call, id=uuid.uuid4().hex, **_columns(settings)))


def list_(call: Call) -> Result:
    """List the records by name. `name`, `type`, `content` (also as name.exact, content.exact) filter."""
    records = RECORDS.shown(call)
    for field in ("name", "type", "content"):
        value = call.query.get(field, call.query.get(f"{field}.exact"))
        records = [record for record in records if value in (None, record[field])]
    return RECORDS.page(call, records)


def replace(call: Call) -> Result:
    """Replace the record."""
    return _change(call, RECORDS.existing(call), call.body)


def patch(call: Call) -> Result:
    """Change the fields in the body."""
    row = RECORDS.existing(call)
    return _change(call, row, json.loads(row["settings"]) | call.fields)


def delete(call: Call) -> Result:
    """Delete the record and return its id."""
    row = RECORDS.existing(call)
    RECORDS.remove(call.store, row)
    return Result({"id": row["id"]})


def points_to(store: Store, account: str, name: str, target: str) -> bool:
    """Whether a proxied CNAME record in a zone of the account points from `name` to `target`."""
    rows = store.all(
        "SELECT r.settings FROM dns_records AS r JOIN zones AS z ON z.id = r.zone"
        " WHERE z.account = ? AND r.name = ? AND r.type = 'CNAME'",
        account, name,
    )  # fmt: skip
    records = [json.loads(row["settings"]) for row in rows]
    return any(record["proxied"] and record["content"].rstrip(".") == target for record in records)


def _change(call: Call, row: Row, body: object) -> Result:
    settings = _settings(call, body)
    _require_free(call, settings, ignore=row["id"])
    return Result(_show(call.store, RECORDS.update(call.store, row, **_columns(settings))))


def _settings(call: Call, body: object) -> Json:
    """The valid body with the server's defaults and the full name. A proxied record has the ttl 1."""
    settings = with_defaults("dns-record", validate("dns-record", body, _invalid))
    zone = call.store.one("SELECT name FROM zones WHERE id = ?", call.path["zone"])["name"]
    name = settings["name"].rstrip(".").lower()
    inside = name == zone or name.endswith(f".{zone}")
    settings["name"] = zone if name == "@" else name if inside else f"{name}.{zone}"
    if settings["proxied"]:
        settings["ttl"] = 1
    if settings["proxied"] and settings["type"] not in _EXCLUSIVE:
        raise _invalid([{"message": f"A {settings['type']} record cannot be proxied", "path": ["body", "proxied"]}])
    return settings


def _columns(settings: Json) -> Json:
    return {"name": settings["name"], "type": settings["type"], "settings": to_json(settings)}


def _require_free(call: Call, settings: Json, *, ignore: str) -> None:
    rows = call.store.all(
        "SELECT type FROM dns_records WHERE zone = ? AND name = ? AND id != ?",
        call.path["zone"], settings["name"], ignore,
    )  # fmt: skip
    types = {row["type"] for row in rows}.intersection(_EXCLUSIVE)
    if types and settings["type"] in _EXCLUSIVE and "CNAME" in {settings["type"], *types}:
        raise ApiError.of(400, EXISTS, "An A, AAAA, or CNAME record with that host already exists.")


def _invalid(violations: list[Json]) -> ApiError:
    chain = [{"code": _REASON, "message": f"{'.'.join(each['path'])}: {each['message']}"} for each in violations]
    return ApiError(400, {"code": INVALID, "message": "DNS Validation Error", "error_chain": chain})


def _show(_: Store, row: Row) -> Json:
    settings = json.loads(row["settings"])
    return {
        "id": row["id"],
        **settings,
        "proxiable": settings["type"] in _EXCLUSIVE,
        "meta": {},
        "created_on": row["created_on"],
        "modified_on": row["modified_on"],
    }


RECORDS = Collection(
    path="/zones/{zone}/dns_records",
    parameter="record",
    table="dns_records",
    read=(DNS_READ, DNS_WRITE),
    write=(DNS_WRITE,),
    scope={"zone": in_path("zone")},
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "Record does not exist."),
    order="name, rowid",
    largest_page=5000,
    timestamps=("created_on", "modified_on"),
)

ENDPOINTS = RECORDS.endpoints(create=create, list_=list_, replace=replace, patch=patch, delete=delete)
