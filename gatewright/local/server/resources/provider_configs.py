"""Stored keys of a gateway (BYOK): /accounts/{account}/ai-gateway/gateways/{gateway}/provider_configs.

As observed at Cloudflare: the gateway names its store, and the secret is named {gateway}_{slug}_{alias}; while it is
pending it "was not found"; `default_config` comes back as 0 or 1; there is no GET by id. A request that names no alias
gets the key of the alias `default`, and no other one is looked at [docs]. One default_config for each provider, and the
newest takes it from the others (guess).
"""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE, SECRETS_STORE_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.core.validation import checked, schema
from gatewright.local.server.resources import gateways, secrets

DEFAULT = "default"
SERVICE = "ai_gateway"  # the scope that the secret must have
_ROWS = "SELECT c.*, s.value FROM provider_configs AS c LEFT JOIN secrets AS s ON s.id = c.secret "


@dataclass(frozen=True, slots=True, repr=False)
class StoredKey:
    """A key that a gateway sends upstream, and the limit that came with it: requests in a period of seconds."""

    value: str
    alias: str
    rate_limit: float | None
    rate_limit_period: float
    secret: str


def stored_key(store: Store, account: str, gateway: str, slug: str, alias: str | None) -> StoredKey | None:
    """The key of a provider under an alias, `default` where none is named; None where there is none, or its secret is
    gone."""
    row = store.find(
        f"{_ROWS} WHERE c.account = ? AND c.gateway = ? AND c.slug = ? AND c.alias = ?",
        account, gateway, slug, alias or DEFAULT,
    )  # fmt: skip
    if row is None or row["value"] is None:
        return None
    return StoredKey(row["value"], row["alias"], row["rate_limit"], row["rate_limit_period"], row["secret"])


def aliases(store: Store, account: str, gateway: str, slug: str) -> list[str]:
    """The aliases under which a provider has keys, sorted."""
    rows = store.all(
        "SELECT alias FROM provider_configs WHERE account = ? AND gateway = ? AND slug = ? ORDER BY alias",
        account, gateway, slug,
    )  # fmt: skip
    return [row["alias"] for row in rows]


def create(call: Call) -> Answer:
    """POST: links a secret, or stores `secret` as one and links that."""
    gateway = gateways.shown(gateways.existing(call))
    given = checked("provider-config", call.body, _invalid)
    if "secret" not in given and "secret_id" not in given:
        raise _invalid([{"message": "Required", "path": ["body", "secret_id"]}])
    slug, alias = given["provider_slug"], given["alias"]
    if alias in aliases(call.store, call.account, gateway["id"], slug):
        raise _refused(f"A provider config for {slug} with the alias {alias} already exists")
    secret = _secret(call, gateway, given)
    if given["default_config"]:
        call.store.execute(
            "UPDATE provider_configs SET default_config = 0 WHERE account = ? AND gateway = ? AND slug = ?",
            call.account, gateway["id"], slug,
        )  # fmt: skip
    identifier = str(uuid.uuid4())
    period = given.get("rate_limit_period") or schema("provider-config")["properties"]["rate_limit_period"]["default"]
    call.store.execute(
        "INSERT INTO provider_configs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        identifier, call.account, gateway["id"], slug, alias, given["default_config"], secret,
        given.get("rate_limit"), period, clock.milliseconds(clock.now()),
    )  # fmt: skip
    return Answer(_shown(_row(call, identifier)))


def list_(call: Call) -> Answer:
    """GET: a gateway that is not there has none, and is no error."""
    rows = call.store.all(
        f"{_ROWS} WHERE c.account = ? AND c.gateway = ? ORDER BY c.rowid", call.account, call.path["gateway"]
    )
    return Answer(call.page([_shown(row) for row in rows], largest=50))


def rotate(call: Call) -> Answer:
    """PUT: a new value for the secret, and nothing else."""
    row = _existing(call)
    given = checked("provider-config-rotation", call.body, _invalid)
    secrets.set_value(call.store, row["secret"], given["secret"])
    call.store.execute(
        "UPDATE provider_configs SET modified_at = ? WHERE id = ?", clock.milliseconds(clock.now()), row["id"]
    )
    return Answer(_shown(_row(call, row["id"])))


def delete(call: Call) -> Answer:
    """DELETE: the secret goes too."""
    row = _existing(call)
    call.store.execute("DELETE FROM provider_configs WHERE id = ?", row["id"])
    call.store.execute("DELETE FROM secrets WHERE id = ?", row["secret"])
    return Answer(_shown(row))


def _secret(call: Call, gateway: Json, given: Json) -> str:
    """The id of the secret to link: the one named, or one newly made of the value given, active at once (guess)."""
    name = f"{gateway['id']}_{given['provider_slug']}_{given['alias']}"
    where = call.store.find(
        "SELECT id FROM secret_stores WHERE account = ? AND id = ?", call.account, gateway["store_id"]
    )
    if where is None:
        raise _refused(f"The Secrets Store of the gateway {gateway['id']} was not found")
    row = call.store.find("SELECT * FROM secrets WHERE store = ? AND name = ?", where["id"], name)
    if "secret_id" in given:
        if row is None or row["id"] != given["secret_id"] or not secrets.usable(row, SERVICE):
            raise _refused(f"The secret {name} was not found")
        if "secret" in given:
            secrets.set_value(call.store, row["id"], given["secret"])
        return str(row["id"])
    if row is not None:
        raise _refused(f"A secret {name} already exists")
    made = {"name": name, "value": given["secret"], "scopes": [SERVICE]}
    return str(secrets.insert(call.store, where["id"], made, pending_for=0)["id"])


def _invalid(problems: list[Json]) -> ApiError:
    """Without the schema's own words, which would hold the value."""
    return gateways.invalid(
        [each if each["message"] == "Required" else {**each, "message": "Invalid"} for each in problems]
    )


def _refused(message: str) -> ApiError:
    return gateways.invalid([{"message": message}])


def _row(call: Call, identifier: str) -> sqlite3.Row:
    return call.store.one(f"{_ROWS} WHERE c.id = ?", identifier)


def _existing(call: Call) -> sqlite3.Row:
    row = call.store.find(
        f"{_ROWS} WHERE c.account = ? AND c.gateway = ? AND c.id = ?",
        call.account, call.path["gateway"], call.path["config"],
    )  # fmt: skip
    if row is None:
        raise gateways.missing("Provider config")
    return row


def _shown(row: sqlite3.Row) -> Json:
    """With account_id and account_tag, which the real one leaks, and of the key only a preview."""
    return {
        "id": row["id"],
        "alias": row["alias"],
        "default_config": row["default_config"],
        "gateway_id": row["gateway"],
        "modified_at": row["modified_at"],
        "provider_slug": row["slug"],
        "secret_id": row["secret"],
        "secret_preview": _preview(row["value"] or ""),
        "rate_limit": row["rate_limit"],
        "rate_limit_period": row["rate_limit_period"],
        "account_id": row["account"],
        "account_tag": row["account"],
    }


def _preview(value: str) -> str:
    """The end of a key that is long enough to stay secret without it (guess: which part Cloudflare shows)."""
    return "****" + (value[-4:] if len(value) >= 16 else "")


_COLLECTION = "/accounts/{account}/ai-gateway/gateways/{gateway}/provider_configs"
_ITEM = _COLLECTION + "/{config}"
_WRITE = (SECRETS_STORE_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("PUT", _ITEM, _WRITE, rotate),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
)
