"""Stored keys of a gateway (BYOK): /accounts/{account}/ai-gateway/gateways/{gateway}/provider_configs.

As observed at Cloudflare: the gateway names its store, and the secret is named {gateway}_{slug}_{alias}; while it is
pending it "was not found"; `default_config` is returned as 0 or 1; there is no GET by id. A request without an alias
gets the key of the alias `default` only [docs]. A provider has one default_config, and the newest replaces the others
(guess).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from gatewright.facts.permissions import SECRETS_STORE_WRITE
from gatewright.local.server.core.collection import IN_GATEWAY, Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, Json, Result
from gatewright.local.server.core.store import Row, Store
from gatewright.local.server.core.validation import schema, validate
from gatewright.local.server.resources import gateways, secrets
from gatewright.local.server.resources.gateways import READ

DEFAULT = "default"
SERVICE = "ai_gateway"  # the scope that the secret must have
_WRITE = (SECRETS_STORE_WRITE,)


@dataclass(frozen=True, slots=True, repr=False)
class StoredKey:
    """A key that a gateway sends to a provider, and its own limit: requests in a period of seconds."""

    value: str
    alias: str
    rate_limit: float | None
    rate_limit_period: float
    secret: str


def stored_key(store: Store, account: str, gateway: str, slug: str, alias: str | None) -> StoredKey | None:
    """The key of a provider by its alias, otherwise `default`; None where there is none, or its secret is deleted."""
    row = CONFIGS.find(store, account=account, gateway=gateway, slug=slug, alias=alias or DEFAULT)
    value = None if row is None else _value(store, row)
    if row is None or value is None:
        return None
    return StoredKey(value, row["alias"], row["rate_limit"], row["rate_limit_period"], row["secret"])


def aliases(store: Store, account: str, gateway: str, slug: str) -> list[str]:
    """The aliases of a provider's keys, sorted."""
    rows = store.all(
        "SELECT alias FROM provider_configs WHERE account = ? AND gateway = ? AND slug = ? ORDER BY alias",
        account, gateway, slug,
    )  # fmt: skip
    return [row["alias"] for row in rows]


def create(call: Call) -> Result:
    """Link a secret, or store `secret` as one and link that."""
    gateway = gateways.existing(call)
    body = validate("provider-config", call.body, _invalid)
    if "secret" not in body and "secret_id" not in body:
        raise _invalid([{"message": "Required", "path": ["body", "secret_id"]}])
    slug, alias = body["provider_slug"], body["alias"]
    if alias in aliases(call.store, call.account, gateway["id"], slug):
        raise _refused(f"A provider config for {slug} with the alias {alias} already exists")
    secret = _secret(call, gateway, body)
    if body["default_config"]:
        call.store.execute(
            "UPDATE provider_configs SET default_config = 0 WHERE account = ? AND gateway = ? AND slug = ?",
            call.account, gateway["id"], slug,
        )  # fmt: skip
    period = body.get("rate_limit_period") or schema("provider-config")["properties"]["rate_limit_period"]["default"]
    config = CONFIGS.add(
        call, id=str(uuid.uuid4()), slug=slug, alias=alias, default_config=body["default_config"], secret=secret,
        rate_limit=body.get("rate_limit"), rate_limit_period=period,
    )  # fmt: skip
    return Result(config)


def list_(call: Call) -> Result:
    """List the configs. A gateway that does not exist has none, and is not an error."""
    return CONFIGS.list_all(call)


def rotate(call: Call) -> Result:
    """Replace the value of the secret, and nothing else."""
    row = CONFIGS.existing(call)
    body = validate("provider-config-rotation", call.body, _invalid)
    secrets.set_value(call.store, row["secret"], body["secret"])
    return Result(_show(call.store, CONFIGS.update(call.store, row)))


def delete(call: Call) -> Result:
    """Delete the config and its secret, and return the config."""
    secret = CONFIGS.existing(call)["secret"]
    deleted = CONFIGS.delete(call)
    call.store.execute("DELETE FROM secrets WHERE id = ?", secret)
    return deleted


def _secret(call: Call, gateway: Json, body: Json) -> str:
    """The id of the secret to link: the one in the body, or a new one, which is active immediately (guess)."""
    name = f"{gateway['id']}_{body['provider_slug']}_{body['alias']}"
    where = call.store.find(
        "SELECT id FROM secret_stores WHERE account = ? AND id = ?", call.account, gateway["store_id"]
    )
    if where is None:
        raise _refused(f"The Secrets Store of the gateway {gateway['id']} was not found")
    row = secrets.SECRETS.find(call.store, store=where["id"], name=name)
    if "secret_id" in body:
        if row is None or row["id"] != body["secret_id"] or not secrets.is_usable(row, SERVICE):
            raise _refused(f"The secret {name} was not found")
        if "secret" in body:
            secrets.set_value(call.store, row["id"], body["secret"])
        return str(row["id"])
    if row is not None:
        raise _refused(f"A secret {name} already exists")
    secret = {"name": name, "value": body["secret"], "scopes": [SERVICE]}
    return str(secrets.insert(call.store, where["id"], secret, pending_for=0)["id"])


def _invalid(violations: list[Json]) -> ApiError:
    """Without the messages of the schema, which contain the value."""
    return gateways.invalid(
        [each if each["message"] == "Required" else {**each, "message": "Invalid"} for each in violations]
    )


def _refused(message: str) -> ApiError:
    return gateways.invalid([{"message": message}])


def _value(store: Store, row: Row) -> str | None:
    secret = secrets.SECRETS.find(store, id=row["secret"])
    return None if secret is None else secret["value"]


def _show(store: Store, row: Row) -> Json:
    """Includes account_id and account_tag, which Cloudflare leaks, and only a preview of the key."""
    return {
        "id": row["id"],
        "alias": row["alias"],
        "default_config": row["default_config"],
        "gateway_id": row["gateway"],
        "modified_at": row["modified_at"],
        "provider_slug": row["slug"],
        "secret_id": row["secret"],
        "secret_preview": _preview(_value(store, row) or ""),
        "rate_limit": row["rate_limit"],
        "rate_limit_period": row["rate_limit_period"],
        "account_id": row["account"],
        "account_tag": row["account"],
    }


def _preview(value: str) -> str:
    """The end of a key that is long enough to stay secret (guess: which part Cloudflare shows)."""
    return "****" + (value[-4:] if len(value) >= 16 else "")


CONFIGS = Collection(
    path=gateways.GATEWAYS.item + "/provider_configs",
    parameter="config",
    table="provider_configs",
    read=READ,
    write=_WRITE,
    scope=IN_GATEWAY,
    show=_show,
    not_found=lambda: gateways.not_found("Provider config"),
    largest_page=50,
    timestamps=("modified_at",),
)

ENDPOINTS = (
    Endpoint("POST", CONFIGS.path, _WRITE, create),
    Endpoint("GET", CONFIGS.path, READ, list_),
    Endpoint("PUT", CONFIGS.item, _WRITE, rotate),
    Endpoint("DELETE", CONFIGS.item, _WRITE, delete),
)
