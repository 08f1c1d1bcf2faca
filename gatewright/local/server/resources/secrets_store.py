"""The Secrets Store of an account: /accounts/{account}/secrets_store/stores and …/quota. There is one at most."""

from __future__ import annotations

import sqlite3
import uuid

from gatewright.facts.permissions import SECRETS_STORE_READ, SECRETS_STORE_WRITE
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.validation import checked

MISSING_OR_INVALID, TAKEN = 1001, 1003
NOT_EMPTY = 1002  # guess
QUOTA = 100  # secrets of an account

WRITE = (SECRETS_STORE_WRITE,)
READ = (SECRETS_STORE_READ, SECRETS_STORE_WRITE)
STORES = "/accounts/{account}/secrets_store/stores"
STORE = STORES + "/{store}"


def create(call: Call) -> Answer:
    """POST: an object, or as earlier an array of one, which is answered by an array; a second store is refused."""
    as_list = isinstance(call.body, list)
    content = call.body[0] if as_list and len(call.body) == 1 else call.body
    name = checked("secrets-store", content, _invalid)["name"]
    if call.store.find("SELECT id FROM secret_stores WHERE account = ?", call.account) is not None:
        raise refused(409, TAKEN, "maximum_stores_exceeded")
    identifier, now = uuid.uuid4().hex, clock.milliseconds(clock.now())
    call.store.execute("INSERT INTO secret_stores VALUES (?, ?, ?, ?, ?)", identifier, call.account, name, now, now)
    made = _shown(call.store.one("SELECT * FROM secret_stores WHERE id = ?", identifier))
    return Answer([made] if as_list else made)


def list_(call: Call) -> Answer:
    """GET: none or one."""
    rows = call.store.all("SELECT * FROM secret_stores WHERE account = ?", call.account)
    return Answer(call.page([_shown(row) for row in rows], largest=100))


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_shown(existing(call)))


def delete(call: Call) -> Answer:
    """DELETE: one that holds secrets only with `force=true`, and these go with it."""
    row = existing(call)
    secrets = call.store.find("SELECT id FROM secrets WHERE store = ?", row["id"])
    if secrets is not None and call.query.get("force") != "true":
        raise refused(409, NOT_EMPTY, "store_not_empty")
    call.store.execute("DELETE FROM secret_stores WHERE id = ?", row["id"])
    return Answer(_shown(row))


def quota(call: Call) -> Answer:
    """GET …/quota: how many secrets an account may have (guess: 100), and has."""
    return Answer({"secrets": {"quota": QUOTA, "usage": used(call)}})


def used(call: Call) -> int:
    """How many secrets the account has."""
    count: int = call.store.one(
        "SELECT count(*) AS n FROM secrets AS s JOIN secret_stores AS t ON t.id = s.store WHERE t.account = ?",
        call.account,
    )["n"]
    return count


def existing(call: Call) -> sqlite3.Row:
    """The store in the path; raises ApiError when the account has none of that id."""
    row = call.store.find("SELECT * FROM secret_stores WHERE account = ? AND id = ?", call.account, call.path["store"])
    if row is None:
        raise refused(404, MISSING_OR_INVALID, "store_not_found")
    return row


def refused(status: int, code: int, message: str) -> ApiError:
    """The API's way to refuse here: a message that is a name."""
    return ApiError(status, {"code": code, "message": message})


def malformed() -> ApiError:
    """A body that is not JSON, or of another shape (guess: the shape)."""
    return refused(400, MISSING_OR_INVALID, "invalid_json_body")


def _invalid(problems: list[Json]) -> ApiError:
    named = any(problem["path"] == ["body", "name"] for problem in problems)
    return refused(400, MISSING_OR_INVALID, "store_name_empty") if named else malformed()  # guess: the former


def _shown(row: sqlite3.Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "created": row["created"],
        "modified": row["modified"],
        "account_id": row["account"],
    }


ENDPOINTS = (
    Endpoint("POST", STORES, WRITE, create, malformed),
    Endpoint("GET", STORES, READ, list_),
    Endpoint("GET", STORE, READ, get),
    Endpoint("DELETE", STORE, WRITE, delete),
    Endpoint("GET", "/accounts/{account}/secrets_store/quota", READ, quota),
)
