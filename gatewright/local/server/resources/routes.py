"""Dynamic routes: /accounts/{account}/ai-gateway/gateways/{gateway}/routes, with their versions and deployments.

As observed at Cloudflare: creating deploys version 1 at once; a route answers with the graph that is deployed, and
often without `elements`, the graph in `version.data` alone (here: at every other read, the first included); lists stand
under `data`, a renamed route under `route`; a name that is taken gives 500.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.facts.route_graph import flaws
from gatewright.local.server.core import clock
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer, ApiError, Json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.core.validation import checked
from gatewright.local.server.resources import gateways

CODE = 7005


class Bare(Answer):
    """An answer outside of the envelope: `result` stands beside `success`."""

    def response(self) -> JSONResponse:
        assert isinstance(self.result, dict)  # noqa: S101  # only made here
        return JSONResponse({"success": True, **self.result})


def create(call: Call) -> Answer:
    """POST: makes the route, its version 1, and deploys that."""
    gateways.existing(call)
    body = _checked(call.body)
    if _named(call.store, call.account, call.path["gateway"], body["name"]) is not None:
        message = "D1_ERROR: UNIQUE constraint failed: routes.name: SQLITE_CONSTRAINT"
        raise ApiError(500, {"code": CODE, "message": message})
    now, route = _now(), _id()
    call.store.execute(
        "INSERT INTO routes (id, account, gateway, name, created_at, modified_at) VALUES (?, ?, ?, ?, ?, ?)",
        route, call.account, call.path["gateway"], body["name"], now, now,
    )  # fmt: skip
    _deploy(call.store, route, _add_version(call.store, route, body["elements"]))
    return Answer(_shown(call.store, _route(call.store, route)))


def list_(call: Call) -> Answer:
    """GET: a page under `data`."""
    gateways.existing(call)
    rows = call.store.all(
        "SELECT * FROM routes WHERE account = ? AND gateway = ? ORDER BY rowid", call.account, call.path["gateway"]
    )
    return _listed(call, "routes", [{**_read(call, row), "account_tag": row["account"]} for row in rows])


def get(call: Call) -> Answer:
    """GET by id."""
    return Answer(_read(call, _existing(call)))


def rename(call: Call) -> Answer:
    """PATCH: the name is all that can be changed so."""
    row = _existing(call)
    name = call.body.get("name") if isinstance(call.body, dict) else None
    if not isinstance(name, str) or not name:
        raise gateways.invalid([{"message": "Required", "path": ["body", "name"]}])
    other = _named(call.store, call.account, row["gateway"], name)
    if other is not None and other["id"] != row["id"]:
        raise ApiError(400, {"code": CODE, "message": f"A route named {name} already exists"})
    call.store.execute("UPDATE routes SET name = ?, modified_at = ? WHERE id = ?", name, _now(), row["id"])
    return Bare({"route": {**_shown(call.store, _route(call.store, row["id"])), "account_tag": row["account"]}})


def delete(call: Call) -> Answer:
    """DELETE: answers what was deleted."""
    row = _existing(call)
    shown = _shown(call.store, row)
    call.store.execute("DELETE FROM routes WHERE id = ?", row["id"])
    return Answer(shown)


def create_version(call: Call) -> Answer:
    """POST …/versions: a further graph, not yet deployed."""
    row = _existing(call)
    body = call.body if isinstance(call.body, dict) else {}
    elements = _checked({**body, "name": row["name"]})["elements"]
    version = _add_version(call.store, row["id"], elements)
    return Answer({**_head(row), "elements": elements, "version_id": version})


def list_versions(call: Call) -> Answer:
    """GET …/versions, the newest first."""
    row = _existing(call)
    active = _active(call.store, row["id"])
    return _listed(
        call,
        "versions",
        [_version(version, active=version["id"] == active["version"]) for version in _versions(call.store, row["id"])],
    )


def get_version(call: Call) -> Answer:
    """GET …/versions/{version}."""
    row = _existing(call)
    version = _version_row(call, row, call.path["version"])
    shown = _version(version, active=version["id"] == _active(call.store, row["id"])["version"])
    return Answer({**_head(row), **shown, "elements": json.loads(version["elements"])})


def deploy(call: Call) -> Answer:
    """POST …/deployments: from now on this version runs."""
    row = _existing(call)
    wanted = call.body.get("version_id") if isinstance(call.body, dict) else None
    if not isinstance(wanted, str):
        raise ApiError(400, {"code": 7001, "message": "Required", "path": ["body", "version_id"]})
    version = _version_row(call, row, wanted)
    deployment = _deploy(call.store, row["id"], version["id"])
    extra = {"elements": json.loads(version["elements"]), "deployment_id": deployment, "version_id": version["id"]}
    return Answer({**_head(row), **extra})


def list_deployments(call: Call) -> Answer:
    """GET …/deployments, the newest first."""
    row = _existing(call)
    rows = call.store.all("SELECT * FROM route_deployments WHERE route = ? ORDER BY rowid DESC", row["id"])
    return _listed(call, "deployments", [_deployment(each) for each in rows])


def deployed(store: Store, account: str, gateway: str, name: str) -> list[Json] | None:
    """The graph that runs under `name`; None where there is no such route."""
    row = _named(store, account, gateway, name)
    if row is None:
        return None
    elements: list[Json] = json.loads(_active(store, row["id"])["elements"])
    return elements


def _checked(body: Any) -> Json:
    valid = checked("route", body, gateways.invalid)
    problems = [
        {"message": each.message, "path": list(_path(each.index, each.path))} for each in flaws(valid["elements"])
    ]
    if problems:
        raise gateways.invalid(problems)
    return valid


def _path(index: int | None, below: str) -> Iterator[str]:
    yield from ("body", "elements")
    if index is not None:
        yield str(index)
    yield from below.split(".") if below else ()


def _existing(call: Call) -> sqlite3.Row:
    gateways.existing(call)
    row = call.store.find(
        "SELECT * FROM routes WHERE account = ? AND gateway = ? AND id = ?",
        call.account, call.path["gateway"], call.path["route"],
    )  # fmt: skip
    if row is None:
        raise ApiError(404, {"code": CODE, "message": "Route not found"})
    return row


def _version_row(call: Call, route: sqlite3.Row, version: str) -> sqlite3.Row:
    row = call.store.find("SELECT * FROM route_versions WHERE route = ? AND id = ?", route["id"], version)
    if row is None:
        raise ApiError(404, {"code": CODE, "message": "Version not found"})
    return row


def _named(store: Store, account: str, gateway: str, name: str) -> sqlite3.Row | None:
    return store.find("SELECT * FROM routes WHERE account = ? AND gateway = ? AND name = ?", account, gateway, name)


def _route(store: Store, route: str) -> sqlite3.Row:
    return store.one("SELECT * FROM routes WHERE id = ?", route)


def _versions(store: Store, route: str) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM route_versions WHERE route = ? ORDER BY rowid DESC", route)


def _active(store: Store, route: str) -> sqlite3.Row:
    """The newest deployment, with its graph and when the version was made."""
    return store.one(
        "SELECT d.*, v.elements, v.created_at AS version_created_at FROM route_deployments AS d"
        " JOIN route_versions AS v ON v.id = d.version WHERE d.route = ? ORDER BY d.rowid DESC LIMIT 1",
        route,
    )


def _add_version(store: Store, route: str, elements: list[Json]) -> str:
    version = _id()
    store.execute("INSERT INTO route_versions VALUES (?, ?, ?, ?)", version, route, dumped(elements), _now())
    return version


def _deploy(store: Store, route: str, version: str) -> str:
    deployment = _id()
    store.execute("INSERT INTO route_deployments VALUES (?, ?, ?, ?)", deployment, route, version, _now())
    store.execute("UPDATE routes SET modified_at = ? WHERE id = ?", _now(), route)
    return deployment


def _read(call: Call, row: sqlite3.Row) -> Json:
    shown = _shown(call.store, row)
    call.store.execute("UPDATE routes SET reads = reads + 1 WHERE id = ?", row["id"])
    if row["reads"] % 2 == 0:
        del shown["elements"]
    return shown


def _shown(store: Store, row: sqlite3.Row) -> Json:
    active = _active(store, row["id"])
    version = {"id": active["version"], "elements": active["elements"], "created_at": active["version_created_at"]}
    return {
        **_head(row),
        "elements": json.loads(active["elements"]),
        "version": _version(version, active=True),
        "deployment": _deployment(active),
    }


def _head(row: sqlite3.Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "gateway_id": row["gateway"],
        "created_at": row["created_at"],
        "modified_at": row["modified_at"],
    }


def _version(row: sqlite3.Row | Json, *, active: bool) -> Json:
    """`active` is the text "true" or "false"."""
    return {
        "version_id": row["id"],
        "active": "true" if active else "false",
        "created_at": row["created_at"],
        "data": row["elements"],
        "is_valid": True,
    }


def _deployment(row: sqlite3.Row) -> Json:
    return {"deployment_id": row["id"], "version_id": row["version"], "created_at": row["created_at"]}


def _listed(call: Call, name: str, items: list[Json]) -> Answer:
    page = call.page(items, largest=100)
    order = {"order_by": "created_at", "order_by_direction": "desc"}
    return Bare({"data": {name: page.items, "page": page.page, "per_page": page.per_page, **order}})


def _id() -> str:
    return uuid.uuid4().hex[:16]


def _now() -> str:
    return clock.milliseconds(clock.now())


_COLLECTION = "/accounts/{account}/ai-gateway/gateways/{gateway}/routes"
_ITEM = _COLLECTION + "/{route}"
_WRITE = (AI_GATEWAY_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("POST", _COLLECTION, _WRITE, create),
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("PATCH", _ITEM, _WRITE, rename),
    Endpoint("DELETE", _ITEM, _WRITE, delete),
    Endpoint("POST", _ITEM + "/versions", _WRITE, create_version),
    Endpoint("GET", _ITEM + "/versions", _READ, list_versions),
    Endpoint("GET", _ITEM + "/versions/{version}", _READ, get_version),
    Endpoint("POST", _ITEM + "/deployments", _WRITE, deploy),
    Endpoint("GET", _ITEM + "/deployments", _READ, list_deployments),
)
