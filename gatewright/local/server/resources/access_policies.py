"""Reusable policies of Cloudflare Access: /accounts/{account}/access/policies.

Fields as in the official client, which has more. Guesses: the error codes, and that a policy of an application cannot
be deleted.
"""

from __future__ import annotations

import json
import uuid

from gatewright.facts.permissions import ACCESS_APPS_READ, ACCESS_APPS_WRITE
from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources.access_service_tokens import SERVICE_TOKENS

INVALID, NOT_FOUND, IN_USE = 12130, 12140, 12131
READ, WRITE = (ACCESS_APPS_READ, ACCESS_APPS_WRITE), (ACCESS_APPS_WRITE,)


def create(call: Call) -> Result:
    """Create a policy. The service tokens that it includes must exist."""
    return Result(POLICIES.add(call, id=str(uuid.uuid4()), settings=_settings(call)))


def replace(call: Call) -> Result:
    """Replace the policy."""
    row = POLICIES.existing(call)
    return Result(_show(call.store, POLICIES.update(call.store, row, settings=_settings(call))))


def delete(call: Call) -> Result:
    """Delete the policy and return its id. One that an application uses is kept."""
    row = POLICIES.existing(call)
    if _uses(call.store, row["id"]):
        raise ApiError.of(400, IN_USE, "The policy is used by an Access application")
    POLICIES.remove(call.store, row)
    return Result({"id": row["id"]})


def allows_service_token(policy: Json, service_token: str | None) -> bool:
    """Whether a policy lets a request with this valid service token pass. A person cannot log in here."""
    allowed = [rule["service_token"]["token_id"] for rule in policy["include"] if "service_token" in rule]
    return policy["decision"] == "non_identity" and service_token in allowed


def _settings(call: Call) -> str:
    body = validate("access-policy", call.body, invalid_body(INVALID))
    for rule in body["include"]:
        token = rule.get("service_token")
        if token and SERVICE_TOKENS.find(call.store, account=call.account, id=token["token_id"]) is None:
            raise ApiError.of(400, INVALID, f"service token {token['token_id']} does not exist", ["body", "include"])
    return to_json({name: body[name] for name in ("name", "decision", "include")})


def _uses(store: Store, policy: str) -> int:
    return int(store.one("SELECT count(*) AS n FROM access_apps WHERE instr(settings, ?)", policy)["n"])


def _show(store: Store, row: Row) -> Json:
    times = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    empty: Json = {"exclude": [], "require": [], "reusable": True, "app_count": _uses(store, row["id"])}
    return {"id": row["id"], **json.loads(row["settings"]), **empty, **times}


POLICIES = Collection(
    path="/accounts/{account}/access/policies",
    parameter="policy",
    table="access_policies",
    read=READ,
    write=WRITE,
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "access.api.error.policy_not_found"),
    timestamps=("created_at", "updated_at"),
)

ENDPOINTS = POLICIES.endpoints(create=create, replace=replace, delete=delete)
