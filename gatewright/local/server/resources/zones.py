"""Zones: /zones. Each account has one, named example.test; zones cannot be created or deleted here."""

from __future__ import annotations

from gatewright.facts.permissions import ZONE_READ, Scope
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Json, Result
from gatewright.local.server.core.store import Row

_ROWS = "SELECT z.*, a.name AS account_name FROM zones AS z JOIN accounts AS a ON a.id = z.account"


def list_(call: Call) -> Result:
    """List the zones that the token may read (guess: no error without any). `name` and `account.id` filter."""
    zones = [
        _show(row)
        for row in call.store.all(f"{_ROWS} ORDER BY z.name, z.rowid")
        if call.principal.may((ZONE_READ,), f"{Scope.ZONE}.{row['id']}", row["account"])
        and call.query.get("name", row["name"]) == row["name"]
        and call.query.get("account.id", row["account"]) == row["account"]
    ]
    return Result(call.page(zones, largest=50))


def get(call: Call) -> Result:
    """Return the zone."""
    return Result(_show(call.store.one(f"{_ROWS} WHERE z.id = ?", call.path["zone"])))


def _show(row: Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "status": "active",
        "paused": False,
        "type": "full",
        "development_mode": 0,
        "name_servers": ["a.ns.cloudflare.test", "b.ns.cloudflare.test"],
        "original_name_servers": None,
        "original_registrar": None,
        "original_dnshost": None,
        "created_on": row["created_on"],
        "modified_on": row["created_on"],
        "activated_on": row["created_on"],
        "meta": {"step": 4, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": False},
        "owner": {"id": None, "type": "user", "email": None},
        "account": {"id": row["account"], "name": row["account_name"]},
        "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:read"],
        "plan": {"name": "Free Website", "price": 0, "currency": "USD"},
    }


ENDPOINTS = (
    Endpoint("GET", "/zones", (), list_),
    Endpoint("GET", "/zones/{zone}", (ZONE_READ,), get),
)
