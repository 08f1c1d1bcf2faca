"""API tokens of an account, /accounts/{account}/tokens, and of the user, /user/tokens."""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import json
import secrets
import string
import uuid
from collections.abc import Iterator

from gatewright.facts import permissions
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.local.server.core import clock, envelope, identity
from gatewright.local.server.core.collection import Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, Json, Result, invalid_body
from gatewright.local.server.core.identity import Principal
from gatewright.local.server.core.store import Row, Store, digest, to_json
from gatewright.local.server.core.validation import validate

INVALID, NOT_FOUND = 400, 1003
LONGEST_NAME = 120  # guess
MAX_OF_ACCOUNT, MAX_OF_USER = 500, 50

_ALPHABET = string.ascii_letters + string.digits
_VALID = {"code": 10000, "message": "This API Token is valid and active", "type": None}
_invalid = invalid_body(INVALID)


def create(call: Call) -> Result:
    """Create a token. Only this response, and that of a roll, contains the token's value."""
    columns = _columns(call)
    _require_room(call)
    value, now = new_value(), clock.in_seconds(clock.now())
    row = TOKENS.insert(
        call.store, id=uuid.uuid4().hex, owner=owner(call), hash=digest(value), issued_on=now, modified_on=now,
        **columns,
    )  # fmt: skip
    return Result({**_as_sent(row), "value": value})


def list_(call: Call) -> Result:
    """List the tokens, the oldest first. `include_expired=false` leaves out expired ones (guess: by default they are
    listed)."""
    rows = TOKENS.rows(call)
    if call.query.get("direction") == "desc":
        rows.reverse()
    if call.query.get("include_expired") == "false":
        rows = [row for row in rows if identity.status(row, clock.now()) != "expired"]
    return TOKENS.page(call, [_show(call.store, row) for row in rows])


def replace(call: Call) -> Result:
    """Replace the token's settings; its value stays."""
    row = TOKENS.existing(call)
    changed = TOKENS.update(call.store, row, **_columns(call), modified_on=clock.in_seconds(clock.now()))
    return Result(_as_sent(changed))


def delete(call: Call) -> Result:
    """Delete the token and return its id."""
    row = TOKENS.existing(call)
    TOKENS.remove(call.store, row)
    return Result({"id": row["id"]})


def roll(call: Call) -> Result:
    """Replace the value, which revokes the old one immediately. Returns the new value as a bare string."""
    row, value = TOKENS.existing(call), new_value()
    TOKENS.update(call.store, row, hash=digest(value), modified_on=clock.in_seconds(clock.now()))
    return Result(value)


def verify(call: Call) -> Result:
    """Return the status of the request's own token. The token of another owner is invalid here."""
    if call.principal.owner != owner(call):
        raise envelope.invalid_token()
    row = TOKENS.find(call.store, id=call.principal.id)
    if row is None:  # the account's all-permission token
        return Result({"id": call.principal.id, "status": "active"}, [_VALID])
    times = {key: row[key] for key in ("not_before", "expires_on") if row[key]}
    return Result({"id": row["id"], "status": "active", **times}, [_VALID])


def new_value() -> str:
    """A recognisably fake token value that the official programs accept (40 to 80 of 0-9A-Za-z_-)."""
    return LOCAL_TOKEN_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(40))


def owner(call: Call) -> str:
    """The owner of the tokens in the path: the account or the user."""
    return call.path.get("account", identity.LOCAL_USER)


def _columns(call: Call) -> Json:
    """The settings of a valid body, as columns."""
    body = validate("token", call.body, _invalid)
    if not 1 <= len(body["name"]) <= LONGEST_NAME:
        raise ApiError.of(400, INVALID, f"The name must have a length between 1 and {LONGEST_NAME}")
    condition = body.get("condition") or {}
    _check_networks(condition)
    _check_times(body)
    policies = [_kept(policy) for policy in body["policies"]]
    for policy in policies:
        _check_grant(call.principal, policy)
    return {
        "name": body["name"],
        "disabled": body.get("status") == "disabled",
        "policies": to_json(policies),
        "condition": to_json(condition) if condition.get("request_ip") else None,
        "not_before": body.get("not_before"),
        "expires_on": body.get("expires_on"),
    }


def _kept(policy: Json) -> Json:
    """The policy as it is stored, without the ids and names that clients copy from a response."""
    for group in policy["permission_groups"]:
        if group["id"] not in identity.GROUPS_BY_ID:
            raise ApiError.of(400, INVALID, f"Permission group {group['id']} does not exist")
    groups = [{key: group[key] for key in ("id", "meta") if key in group} for group in policy["permission_groups"]]
    return {"effect": policy["effect"], "permission_groups": groups, "resources": policy["resources"]}


def _check_grant(creator: Principal, policy: Json) -> None:
    """A token cannot grant more than its creator has (guess: the code, and that Write may grant Read)."""
    if policy["effect"] == "deny":
        return
    for group in (identity.GROUPS_BY_ID[each["id"]] for each in policy["permission_groups"]):
        sufficient = [group, permissions.find(group.name.removesuffix("Read") + "Write") or group]
        for resource, account in _resources(policy):
            if not creator.has_policy(sufficient, resource, account):
                message = f"A token cannot grant {group.name} on {resource}, which its creator does not have"
                raise ApiError.of(403, 10000, message)


def _resources(policy: Json) -> Iterator[tuple[str, str | None]]:
    """The resources of a policy, each with the account that contains it."""
    for name, value in policy["resources"].items():
        if isinstance(value, str):
            yield name, None
        else:
            yield from ((inner, name.removeprefix(f"{permissions.Scope.ACCOUNT}.")) for inner in value)


def _require_room(call: Call) -> None:
    limit = MAX_OF_ACCOUNT if "account" in call.path else MAX_OF_USER
    if len(TOKENS.rows(call)) >= limit:
        raise ApiError.of(400, INVALID, f"There may be at most {limit} tokens")  # guess: the code


def _check_networks(condition: Json) -> None:
    rule = condition.get("request_ip") or {}
    for side in ("in", "not_in"):
        for network in rule.get(side) or ():
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                path = ["body", "condition", "request_ip", side]
                raise ApiError.of(400, INVALID, f"Invalid address {network}", path) from None


def _check_times(body: Json) -> None:
    for name in ("not_before", "expires_on"):
        try:
            clock.parse(body.get(name) or "2000-01-01T00:00:00Z")
        except ValueError:
            raise ApiError.of(400, INVALID, f"Invalid {name}", ["body", name]) from None


def _as_sent(row: Row) -> Json:
    """The token with its policies and groups in the order of the request; unset fields are absent."""
    optional = ("last_used_on", "not_before", "expires_on")
    condition = {"condition": json.loads(row["condition"])} if row["condition"] else {}
    return {
        "id": row["id"],
        "name": row["name"],
        "status": identity.status(row, clock.now()),
        "issued_on": row["issued_on"],
        "modified_on": row["modified_on"],
        **{key: row[key] for key in optional if row[key]},
        **condition,
        "policies": [_policy(row["id"], policy) for policy in json.loads(row["policies"])],
    }


def _show(_: Store, row: Row) -> Json:
    """The token as a read returns it: in Cloudflare's order, groups by id and policies reversed."""
    token = _as_sent(row)
    for policy in token["policies"]:
        policy["permission_groups"].sort(key=lambda group: group["id"])
    token["policies"].reverse()
    return token


def _policy(token: str, policy: Json) -> Json:
    """With the names of its groups, and an id that stays as long as the policy does."""
    groups = [{**group, "name": identity.GROUPS_BY_ID[group["id"]].name} for group in policy["permission_groups"]]
    identifier = hashlib.sha256(f"{token} {json.dumps(policy, sort_keys=True)}".encode()).hexdigest()[:32]
    return {**policy, "id": identifier, "permission_groups": groups}


TOKENS = Collection(
    path="/accounts/{account}/tokens",
    parameter="token",
    table="tokens",
    read=(permissions.ACCOUNT_TOKENS_READ, permissions.ACCOUNT_TOKENS_WRITE),
    write=(permissions.ACCOUNT_TOKENS_WRITE,),
    scope={"owner": owner},
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND, "Token not found"),
    largest_page=50,
    timestamps=(),
)


USER_TOKENS = dataclasses.replace(
    TOKENS,
    path="/user/tokens",
    read=(permissions.USER_TOKENS_READ, permissions.USER_TOKENS_WRITE),
    write=(permissions.USER_TOKENS_WRITE,),
)

ENDPOINTS = tuple(
    endpoint
    for tokens in (TOKENS, USER_TOKENS)
    for endpoint in (
        Endpoint("GET", tokens.path + "/verify", (), verify),
        *tokens.endpoints(create=create, list_=list_, replace=replace, delete=delete),
        Endpoint("PUT", tokens.item + "/value", tokens.write, roll),
    )
)
