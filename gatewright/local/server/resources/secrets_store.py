"""The Secrets Store of an account: /accounts/{account}/secrets_store/stores and …/quota. An account has at most one."""

from __future__ import annotations

import uuid

from gatewright.facts.permissions import SECRETS_STORE_READ, SECRETS_STORE_WRITE
from gatewright.local.server.core.collection import IN_ACCOUNT, Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, Json, Result
from gatewright.local.server.core.store import Row, Store
from gatewright.local.server.core.validation import validate

NOT_FOUND_OR_INVALID, EXISTS = 1001, 1003
NOT_EMPTY = 1002  # guess
QUOTA = 100  # secrets of an account

WRITE = (SECRETS_STORE_WRITE,)
READ = (SECRETS_STORE_READ, SECRETS_STORE_WRITE)


def malformed() -> ApiError:
    """A body that is not JSON, or has another shape (guess: the shape)."""
    return ApiError.of(400, NOT_FOUND_OR_INVALID, "invalid_json_body")


def create(call: Call) -> Result:
    """Create a store. A second one is refused. An array of one object, as earlier, is answered by an array."""
    as_list = isinstance(call.body, list)
    content = call.body[0] if as_list and len(call.body) == 1 else call.body
    name = validate("secrets-store", content, _invalid)["name"]
    if STORES.rows(call):
        raise ApiError.of(409, EXISTS, "maximum_stores_exceeded")
    store = STORES.add(call, id=uuid.uuid4().hex, name=name)
    return Result([store] if as_list else store)


def delete(call: Call) -> Result:
    """Delete the store and return it. One that holds secrets needs `force=true`, which deletes them too."""
    row = STORES.existing(call)
    secret = call.store.find("SELECT id FROM secrets WHERE store = ?", row["id"])
    if secret is not None and call.query.get("force") != "true":
        raise ApiError.of(409, NOT_EMPTY, "store_not_empty")
    return STORES.delete(call)


def quota(call: Call) -> Result:
    """Return how many secrets the account may have (guess: 100), and has."""
    return Result({"secrets": {"quota": QUOTA, "usage": count_secrets(call)}})


def count_secrets(call: Call) -> int:
    """How many secrets the account has."""
    count: int = call.store.one(
        "SELECT count(*) AS n FROM secrets AS s JOIN secret_stores AS t ON t.id = s.store WHERE t.account = ?",
        call.account,
    )["n"]
    return count


def _invalid(violations: list[Json]) -> ApiError:
    if any(violation["path"] == ["body", "name"] for violation in violations):
        return ApiError.of(400, NOT_FOUND_OR_INVALID, "store_name_empty")  # guess
    return malformed()


def _show(_: Store, row: Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "created": row["created"],
        "modified": row["modified"],
        "account_id": row["account"],
    }


STORES = Collection(
    path="/accounts/{account}/secrets_store/stores",
    parameter="store",
    table="secret_stores",
    read=READ,
    write=WRITE,
    scope=IN_ACCOUNT,
    show=_show,
    not_found=lambda: ApiError.of(404, NOT_FOUND_OR_INVALID, "store_not_found"),
    timestamps=("created", "modified"),
)

ENDPOINTS = (
    Endpoint("POST", STORES.path, WRITE, create, malformed),
    Endpoint("GET", STORES.path, READ, STORES.list_all),
    Endpoint("GET", STORES.item, READ, STORES.get),
    Endpoint("DELETE", STORES.item, WRITE, delete),
    Endpoint("GET", "/accounts/{account}/secrets_store/quota", READ, quota),
)
