"""Service tokens of Cloudflare Access: /accounts/{account}/access/service_tokens.

Fields as in the official client. Guesses: the error codes, that a token in a policy cannot be deleted, and that another
duration counts from the creation. Secrets are replaced by new tokens: `client_secret_version` is always 1.
"""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import timedelta

from gatewright.facts.permissions import ACCESS_TOKENS_READ, ACCESS_TOKENS_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.store import Row, Store, digest
from gatewright.local.server.core.validation import validate, with_defaults

INVALID, NOT_FOUND, IN_USE = 12130, 12139, 12131
_HOURS = re.compile(r"([1-9][0-9]{0,5})h")
_FOREVER = timedelta(days=365 * 100)


def create(call: Call) -> Result:
    """Create a service token. Only this response contains its `client_secret`."""
    secret = f"fake-secret-{secrets.token_hex(32)}"
    client_id = f"{uuid.uuid4().hex}.access"
    shown = SERVICE_TOKENS.add(
        call, id=str(uuid.uuid4()), client_id=client_id, secret_hash=digest(secret), **_columns(call.body)
    )
    return Result({**shown, "client_secret": secret})


def list_(call: Call) -> Result:
    """List the service tokens, the oldest first. `name` filters."""
    name = call.query.get("name")
    return SERVICE_TOKENS.page(call, [token for token in SERVICE_TOKENS.shown(call) if name in (None, token["name"])])


def replace(call: Call) -> Result:
    """Change the name, the duration, or whether the token is enabled. The secret stays."""
    row = SERVICE_TOKENS.existing(call)
    return Result(_show(call.store, SERVICE_TOKENS.update(call.store, row, **_columns(call.body))))


def delete(call: Call) -> Result:
    """Delete the service token and return it. One that a policy includes is kept."""
    row = SERVICE_TOKENS.existing(call)
    if call.store.find("SELECT 1 FROM access_policies WHERE instr(settings, ?)", row["id"]):
        raise ApiError.of(400, IN_USE, "The service token is used by an Access policy")
    return SERVICE_TOKENS.delete(call)


def find_valid(store: Store, account: str, client_id: str | None, secret: str | None) -> str | None:
    """The id of the service token with these two parts; None unless it is enabled and has not expired."""
    row = SERVICE_TOKENS.find(store, account=account, client_id=client_id, secret_hash=digest(secret or ""))
    return row["id"] if row and row["enabled"] and _expiry(row) > clock.in_seconds(clock.now()) else None


def _columns(body: object) -> Json:
    settings = with_defaults("access-service-token", validate("access-service-token", body, invalid_body(INVALID)))
    return {name: settings[name] for name in ("name", "duration", "enabled")}


def _expiry(row: Row) -> str:
    hours = _HOURS.fullmatch(row["duration"])
    created = clock.parse(row["created_at"])
    return clock.in_seconds(created + (timedelta(hours=int(hours[1])) if hours else _FOREVER))


def _show(_: Store, row: Row) -> Json:
    shown = {name: row[name] for name in ("id", "client_id", "name", "duration", "created_at", "updated_at")}
    return {**shown, "enabled": bool(row["enabled"]), "client_secret_version": 1, "expires_at": _expiry(row)}


SERVICE_TOKENS = Collection(
    path="/accounts/{account}/access/service_tokens",
    parameter="service_token",
    table="access_service_tokens",
    read=(ACCESS_TOKENS_READ, ACCESS_TOKENS_WRITE),
    write=(ACCESS_TOKENS_WRITE,),
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "access.api.error.service_token_not_found"),
    timestamps=("created_at", "updated_at"),
)

ENDPOINTS = SERVICE_TOKENS.endpoints(create=create, list_=list_, replace=replace, delete=delete)
