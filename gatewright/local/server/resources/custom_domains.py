"""Host names of a gateway: /accounts/{account}/ai-gateway/gateways/{gateway}/custom-domains.

Documented at https://developers.cloudflare.com/ai-gateway/configuration/custom-domains/; the error codes are guesses.
The domain is pending_dcv until a proxied CNAME record points to `cname_target`, which the client creates.
"""

from __future__ import annotations

from gatewright.local.server.core import clock
from gatewright.local.server.core.collection import IN_GATEWAY, Collection
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import Json, Result
from gatewright.local.server.core.store import Row, Store, digest
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources import dns_records
from gatewright.local.server.resources.gateways import GATEWAYS, READ, WRITE, invalid, not_found


def create(call: Call) -> Result:
    """Create a domain. It belongs to one gateway of the account; with `zone_id`, it must be a name in that zone."""
    GATEWAYS.existing(call)
    body = validate("custom-domain", call.body, invalid)
    name = body["domain"]
    if "zone_id" in body:
        _require_zone(call, body["zone_id"], name)
    if DOMAINS.find(call.store, account=call.account, hostname=name):
        raise invalid([{"message": f"The custom domain {name} already exists", "path": ["body", "domain"]}])
    return Result(DOMAINS.add(call, hostname=name, created_at=int(clock.epoch_seconds() * 1000)))


def delete(call: Call) -> Result:
    """Delete the domain and return it. The DNS record stays."""
    return DOMAINS.delete(call)


def find_active(store: Store, hostname: str) -> Row | None:
    """The row of an active domain in any account."""
    rows = store.all("SELECT * FROM custom_domains WHERE hostname = ?", hostname)
    return next((row for row in rows if _show(store, row)["status"] == "active"), None)


def _require_zone(call: Call, zone: str, name: str) -> None:
    row = call.store.find("SELECT name FROM zones WHERE account = ? AND id = ?", call.account, zone)
    if row is None:
        raise invalid([{"message": f"The zone {zone} was not found", "path": ["body", "zone_id"]}])
    if name != row["name"] and not name.endswith(f".{row['name']}"):
        raise invalid([{"message": f"{name} is not in the zone {row['name']}", "path": ["body", "domain"]}])


def _show(store: Store, row: Row) -> Json:
    """`modified_at` is the creation date, since a domain cannot be changed."""
    target = f"{digest(row['account'] + row['gateway'])[:32]}.fake.gateway.ai.cloudflare.com"
    active = dns_records.points_to(store, row["account"], row["hostname"], target)
    return {
        "hostname": row["hostname"],
        "gateway_id": row["gateway"],
        "status": "active" if active else "pending_dcv",
        "cname_target": target,
        "created_at": row["created_at"],
        "modified_at": row["created_at"],
    }


DOMAINS = Collection(
    path=GATEWAYS.item + "/custom-domains",
    parameter="hostname",
    table="custom_domains",
    read=READ,
    write=WRITE,
    scope=IN_GATEWAY,
    show=_show,
    not_found=lambda: not_found("Custom domain"),
    key="hostname",
    timestamps=(),
    parent=GATEWAYS.existing,
)

ENDPOINTS = DOMAINS.endpoints(create=create, delete=delete)
