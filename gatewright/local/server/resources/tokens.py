"""API tokens of an account, /accounts/{account}/tokens, and of the user, /user/tokens."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import secrets
import sqlite3
import string
import uuid
from collections.abc import Iterator

from gatewright.facts import permissions
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.local.server.core import clock, envelope, identity
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.identity import Principal
from gatewright.local.server.core.store import digest, dumped
from gatewright.local.server.core.validation import checked

LONGEST_NAME = 120  # guess
MOST_OF_ACCOUNT, MOST_OF_USER = 500, 50

_ALPHABET = string.ascii_letters + string.digits
_VALID = {"code": 10000, "message": "This API Token is valid and active", "type": None}


def create(call: Call) -> Answer:
    """POST: the only answer, beside a roll, that holds the token's value."""
    fields = _fields(call)
    _need_room(call)
    name, value, now = uuid.uuid4().hex, new_value(), clock.seconds(clock.now())
    call.store.execute(
        "INSERT INTO tokens (id, owner, hash, issued_on, modified_on, name, disabled, policies, condition, not_before,"
        " expires_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        name, owner(call), digest(value), now, now, *fields,
    )  # fmt: skip
    return Answer({**_as_sent(_row(call, name)), "value": value})


def list_(call: Call) -> Answer:
    """GET: in the order of creation; expired ones only with include_expired (guess: shown by default)."""
    rows = call.store.all("SELECT * FROM tokens WHERE owner = ? ORDER BY rowid", owner(call))
    if call.query.get("direction") == "desc":
        rows.reverse()
    if call.query.get("include_expired") == "false":
        rows = [row for row in rows if identity.status(row, clock.now()) != "expired"]
    return Answer(call.page([_shown(row) for row in rows], largest=50))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_shown(_existing(call)))


def put(call: Call) -> Answer:
    """PUT: the body is the whole of the token; its value stays as it is."""
    row = _existing(call)
    call.store.execute(
        "UPDATE tokens SET name = ?, disabled = ?, policies = ?, condition = ?, not_before = ?, expires_on = ?,"
        " modified_on = ? WHERE id = ?",
        *_fields(call), clock.seconds(clock.now()), row["id"],
    )  # fmt: skip
    return Answer(_as_sent(_row(call, row["id"])))


def delete(call: Call) -> Answer:
    """DELETE: answers the id only."""
    row = _existing(call)
    call.store.execute("DELETE FROM tokens WHERE id = ?", row["id"])
    return Answer({"id": row["id"]})


def roll(call: Call) -> Answer:
    """PUT …/value: a new value, the old one is void at once; answers the value as a bare string."""
    row, value = _existing(call), new_value()
    call.store.execute(
        "UPDATE tokens SET hash = ?, modified_on = ? WHERE id = ?", digest(value), clock.seconds(clock.now()), row["id"]
    )
    return Answer(value)


def verify(call: Call) -> Answer:
    """GET …/verify: the state of the token that asks; a token of another owner is an invalid one here."""
    if call.principal.owner != owner(call):
        raise envelope.invalid_token()
    row = call.store.find("SELECT * FROM tokens WHERE id = ?", call.principal.id)
    if row is None:  # the account's all-permission token
        return Answer({"id": call.principal.id, "status": "active"}, [_VALID])
    times = {key: row[key] for key in ("not_before", "expires_on") if row[key]}
    return Answer({"id": row["id"], "status": "active", **times}, [_VALID])


def new_value() -> str:
    """A value that fits what the official programs accept (40 to 80 of 0-9A-Za-z_-) and says that it is fake."""
    return LOCAL_TOKEN_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(40))


def owner(call: Call) -> str:
    """Whose tokens the path names."""
    return call.path.get("account", identity.LOCAL_USER)


def _fields(call: Call) -> tuple[object, ...]:
    """name, disabled, policies, condition, not_before, expires_on of a checked body, ready for the table."""
    given = checked("token", call.body, _invalid)
    if not 1 <= len(given["name"]) <= LONGEST_NAME:
        raise ApiError(400, {"code": 400, "message": f"The name must have a length between 1 and {LONGEST_NAME}"})
    condition = given.get("condition") or {}
    _check_networks(condition)
    _check_moments(given)
    policies = [_kept(policy) for policy in given["policies"]]
    for policy in policies:
        _check_grant(call.principal, policy)
    return (
        given["name"],
        given.get("status") == "disabled",
        dumped(policies),
        dumped(condition) if condition.get("request_ip") else None,
        given.get("not_before"),
        given.get("expires_on"),
    )


def _kept(policy: Json) -> Json:
    """What of a policy is stored: not the ids and names that a client may send back from an answer."""
    for group in policy["permission_groups"]:
        if group["id"] not in identity.GROUPS_BY_ID:
            raise ApiError(400, {"code": 400, "message": f"Permission group {group['id']} does not exist"})
    groups = [{key: group[key] for key in ("id", "meta") if key in group} for group in policy["permission_groups"]]
    return {"effect": policy["effect"], "permission_groups": groups, "resources": policy["resources"]}


def _check_grant(creator: Principal, policy: Json) -> None:
    """A token grants no more than its creator has (guess: the code; that who may write may grant to read)."""
    if policy["effect"] == "deny":
        return
    for group in (identity.GROUPS_BY_ID[each["id"]] for each in policy["permission_groups"]):
        enough = [group, permissions.find(group.name.removesuffix("Read") + "Write") or group]
        for resource, account in _resources(policy):
            if not creator.holds(enough, resource, account):
                message = f"A token cannot grant {group.name} on {resource}, which its creator does not have"
                raise ApiError(403, {"code": 10000, "message": message})


def _resources(policy: Json) -> Iterator[tuple[str, str | None]]:
    """What a policy is about: a name, and the id of the account that it is below, if any."""
    for name, value in policy["resources"].items():
        if isinstance(value, str):
            yield name, None
        else:
            yield from ((inner, name.removeprefix(f"{permissions.Scope.ACCOUNT}.")) for inner in value)


def _need_room(call: Call) -> None:
    most = MOST_OF_ACCOUNT if "account" in call.path else MOST_OF_USER
    if call.store.one("SELECT count(*) AS n FROM tokens WHERE owner = ?", owner(call))["n"] >= most:
        raise ApiError(400, {"code": 400, "message": f"There may be at most {most} tokens"})  # guess: the code


def _check_networks(condition: Json) -> None:
    rule = condition.get("request_ip") or {}
    for side in ("in", "not_in"):
        for network in rule.get(side) or ():
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                path = ["body", "condition", "request_ip", side]
                raise ApiError(400, {"code": 400, "message": f"Invalid address {network}", "path": path}) from None


def _check_moments(given: Json) -> None:
    for name in ("not_before", "expires_on"):
        try:
            clock.parsed(given.get(name) or "2000-01-01T00:00:00Z")
        except ValueError:
            raise ApiError(400, {"code": 400, "message": f"Invalid {name}", "path": ["body", name]}) from None


def _invalid(problems: list[Json]) -> ApiError:
    return ApiError(400, *({"code": 400, **problem} for problem in problems))


def _row(call: Call, name: str) -> sqlite3.Row:
    return call.store.one("SELECT * FROM tokens WHERE id = ?", name)


def _existing(call: Call) -> sqlite3.Row:
    row = call.store.find("SELECT * FROM tokens WHERE id = ? AND owner = ?", call.path["token"], owner(call))
    if row is None:
        raise ApiError(404, {"code": 1003, "message": "Token not found"})
    return row


def _as_sent(row: sqlite3.Row) -> Json:
    """The token, its policies and groups in the order in which they came; what is not set is absent."""
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


def _shown(row: sqlite3.Row) -> Json:
    """The token as a read answers it: in Cloudflare's own order, groups by id and policies swapped."""
    token = _as_sent(row)
    for policy in token["policies"]:
        policy["permission_groups"].sort(key=lambda group: group["id"])
    token["policies"].reverse()
    return token


def _policy(token: str, policy: Json) -> Json:
    """With an id, which stays as long as the policy does, and with the groups' names."""
    groups = [{**group, "name": identity.GROUPS_BY_ID[group["id"]].name} for group in policy["permission_groups"]]
    identifier = hashlib.sha256(f"{token} {json.dumps(policy, sort_keys=True)}".encode()).hexdigest()[:32]
    return {**policy, "id": identifier, "permission_groups": groups}


def _endpoints(
    collection: str, read: tuple[permissions.Group, ...], write: tuple[permissions.Group, ...]
) -> list[Endpoint]:
    item = collection + "/{token}"
    return [
        Endpoint("GET", collection + "/verify", (), verify),
        Endpoint("POST", collection, write, create),
        Endpoint("GET", collection, read, list_),
        Endpoint("GET", item, read, get),
        Endpoint("PUT", item, write, put),
        Endpoint("DELETE", item, write, delete),
        Endpoint("PUT", item + "/value", write, roll),
    ]


_ACCOUNT_WRITE = (permissions.ACCOUNT_TOKENS_WRITE,)
_USER_WRITE = (permissions.USER_TOKENS_WRITE,)

ENDPOINTS = (
    *_endpoints("/accounts/{account}/tokens", (permissions.ACCOUNT_TOKENS_READ, *_ACCOUNT_WRITE), _ACCOUNT_WRITE),
    *_endpoints("/user/tokens", (permissions.USER_TOKENS_READ, *_USER_WRITE), _USER_WRITE),
)
