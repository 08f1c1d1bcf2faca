"""Host names that lead to a gateway: /accounts/{account}/ai-gateway/gateways/{gateway}/custom-domains.

Documented at https://developers.cloudflare.com/ai-gateway/configuration/custom-domains/; codes of refusals are guesses.
The domain is pending_dcv until a proxied CNAME leads from it to `cname_target`, which is not created with it.
"""

from __future__ import annotations

import sqlite3

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, Json
from gatewright.local.server.core.store import digest
from gatewright.local.server.core.validation import checked
from gatewright.local.server.resources import dns_records, gateways


def create(call: Call) -> Answer:
    """POST: a host name belongs to one gateway of the account; with `zone_id`, it must be a name in that zone."""
    gateways.existing(call)
    given = checked("custom-domain", call.body, gateways.invalid)
    name = given["domain"]
    if "zone_id" in given:
        _need_zone(call, given["zone_id"], name)
    if call.store.find("SELECT 1 FROM custom_domains WHERE account = ? AND hostname = ?", call.account, name):
        raise gateways.invalid([{"message": f"The custom domain {name} already exists", "path": ["body", "domain"]}])
    call.store.execute(
        "INSERT INTO custom_domains VALUES (?, ?, ?, ?)",
        name, call.account, call.path["gateway"], int(clock.timestamp() * 1000),
    )  # fmt: skip
    return Answer(_shown(call, _row(call, name)))


def list_(call: Call) -> Answer:
    """GET: in the order of creation."""
    gateways.existing(call)
    rows = call.store.all(
        "SELECT * FROM custom_domains WHERE account = ? AND gateway = ? ORDER BY rowid",
        call.account, call.path["gateway"],
    )  # fmt: skip
    return Answer(call.page([_shown(call, row) for row in rows], largest=100))


def get(call: Call) -> Answer:
    """GET by host name."""
    return Answer(_shown(call, _row(call, call.path["hostname"])))


def delete(call: Call) -> Answer:
    """DELETE: answers what was deleted; the DNS record stays."""
    row = _row(call, call.path["hostname"])
    shown = _shown(call, row)
    call.store.execute("DELETE FROM custom_domains WHERE account = ? AND hostname = ?", call.account, row["hostname"])
    return Answer(shown)


def _need_zone(call: Call, zone: str, name: str) -> None:
    row = call.store.find("SELECT name FROM zones WHERE account = ? AND id = ?", call.account, zone)
    if row is None:
        raise gateways.invalid([{"message": f"The zone {zone} was not found", "path": ["body", "zone_id"]}])
    if name != row["name"] and not name.endswith(f".{row['name']}"):
        raise gateways.invalid([{"message": f"{name} is not in the zone {row['name']}", "path": ["body", "domain"]}])


def _row(call: Call, name: str) -> sqlite3.Row:
    gateways.existing(call)
    row = call.store.find(
        "SELECT * FROM custom_domains WHERE account = ? AND gateway = ? AND hostname = ?",
        call.account, call.path["gateway"], name,
    )  # fmt: skip
    if row is None:
        raise gateways.missing("Custom domain")
    return row


def _shown(call: Call, row: sqlite3.Row) -> Json:
    """`modified_at` is when it was made: nothing of it can be changed."""
    target = f"{digest(row['account'] + row['gateway'])[:32]}.fake.gateway.ai.cloudflare.com"
    active = dns_records.leads(call.store, row["account"], row["hostname"], target)
    return {
        "hostname": row["hostname"],
        "gateway_id": row["gateway"],
        "status": "active" if active else "pending_dcv",
        "cname_target": target,
        "created_at": row["created_at"],
        "modified_at": row["created_at"],
    }


_COLLECTION = "/accounts/{account}/ai-gateway/gateways/{gateway}/custom-domains"
_ITEM = _COLLECTION + "/{hostname}"
_WRITE = (AI_GATEWAY_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
)
