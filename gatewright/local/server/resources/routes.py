"""Dynamic routes: /accounts/{account}/ai-gateway/gateways/{gateway}/routes, with their versions and deployments.

As observed at Cloudflare: creating a route deploys version 1. A route is returned with its deployed graph, often only
in `version.data` and without `elements` (here: at every other read, the first included). Lists are under `data`, a
renamed route is under `route`. A name that exists gives 500.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from gatewright.facts.route_graph import flaws
from gatewright.local.server.core import clock
from gatewright.local.server.core.collection import IN_GATEWAY, Collection
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import ApiError, BareResult, Json, Result
from gatewright.local.server.core.store import Row, Store, to_json
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources.gateways import GATEWAYS, INVALID, READ, WRITE, invalid

CODE = 7005


def create(call: Call) -> Result:
    """Create the route and its version 1, and deploy that."""
    GATEWAYS.existing(call)
    body = _validate(call.body)
    if _find(call.store, call.account, call.path["gateway"], body["name"]) is not None:
        raise ApiError.of(500, CODE, "D1_ERROR: UNIQUE constraint failed: routes.name: SQLITE_CONSTRAINT")
    place = {"account": call.account, "gateway": call.path["gateway"]}
    row = ROUTES.insert(call.store, id=_new_id(), **place, name=body["name"])
    _deploy(call.store, row, _add_version(call.store, row, body["elements"]))
    return Result(_show(call.store, ROUTES.existing(call, row["id"])))


def list_(call: Call) -> Result:
    """Return a page of routes, under `data`."""
    routes = [{**_read(call, row), "account_tag": row["account"]} for row in ROUTES.rows(call)]
    return _page(call, "routes", routes)


def get(call: Call) -> Result:
    """Return the route."""
    return Result(_read(call, ROUTES.existing(call)))


def rename(call: Call) -> Result:
    """Change the name, which is all that PATCH can change."""
    row = ROUTES.existing(call)
    name = call.fields.get("name")
    if not isinstance(name, str) or not name:
        raise invalid([{"message": "Required", "path": ["body", "name"]}])
    other = _find(call.store, call.account, row["gateway"], name)
    if other is not None and other["id"] != row["id"]:
        raise ApiError.of(400, CODE, f"A route named {name} already exists")
    renamed = ROUTES.update(call.store, row, name=name)
    return BareResult({"success": True, "route": {**_show(call.store, renamed), "account_tag": row["account"]}})


def create_version(call: Call) -> Result:
    """Add a version with another graph, without deploying it."""
    row = ROUTES.existing(call)
    elements = _validate({**call.fields, "name": row["name"]})["elements"]
    version = _add_version(call.store, row, elements)
    return Result({**_head(row), "elements": elements, "version_id": version})


def list_versions(call: Call) -> Result:
    """List the versions, the newest first."""
    row = ROUTES.existing(call)
    active = _active(call.store, row)["version"]
    rows = call.store.all("SELECT * FROM route_versions WHERE route = ? ORDER BY rowid DESC", row["id"])
    return _page(call, "versions", [_version(version, active=version["id"] == active) for version in rows])


def get_version(call: Call) -> Result:
    """Return a version with its graph."""
    row = ROUTES.existing(call)
    version = _existing_version(call, row, call.path["version"])
    shown = _version(version, active=version["id"] == _active(call.store, row)["version"])
    return Result({**_head(row), **shown, "elements": json.loads(version["elements"])})


def deploy(call: Call) -> Result:
    """Deploy a version."""
    row = ROUTES.existing(call)
    version_id = call.fields.get("version_id")
    if not isinstance(version_id, str):
        raise ApiError.of(400, INVALID, "Required", ["body", "version_id"])
    version = _existing_version(call, row, version_id)
    deployment = _deploy(call.store, row, version["id"])
    elements = json.loads(version["elements"])
    return Result({**_head(row), "elements": elements, "deployment_id": deployment, "version_id": version["id"]})


def list_deployments(call: Call) -> Result:
    """List the deployments, the newest first."""
    row = ROUTES.existing(call)
    rows = call.store.all("SELECT * FROM route_deployments WHERE route = ? ORDER BY rowid DESC", row["id"])
    return _page(call, "deployments", [_deployment(deployment) for deployment in rows])


def deployed_elements(store: Store, account: str, gateway: str, name: str) -> list[Json] | None:
    """The deployed graph of the route `name`; None where there is no such route."""
    row = _find(store, account, gateway, name)
    if row is None:
        return None
    elements: list[Json] = json.loads(_active(store, row)["elements"])
    return elements


def _validate(body: Any) -> Json:
    valid = validate("route", body, invalid)
    violations = [
        {"message": flaw.message, "path": list(_path(flaw.index, flaw.path))} for flaw in flaws(valid["elements"])
    ]
    if violations:
        raise invalid(violations)
    return valid


def _path(index: int | None, below: str) -> Iterator[str]:
    yield from ("body", "elements")
    if index is not None:
        yield str(index)
    yield from below.split(".") if below else ()


def _find(store: Store, account: str, gateway: str, name: str) -> Row | None:
    return ROUTES.find(store, account=account, gateway=gateway, name=name)


def _existing_version(call: Call, route: Row, version: str) -> Row:
    row = call.store.find("SELECT * FROM route_versions WHERE route = ? AND id = ?", route["id"], version)
    if row is None:
        raise ApiError.of(404, CODE, "Version not found")
    return row


def _active(store: Store, route: Row) -> Row:
    """The newest deployment, with its graph and the creation date of its version."""
    return store.one(
        "SELECT d.*, v.elements, v.created_at AS version_created_at FROM route_deployments AS d"
        " JOIN route_versions AS v ON v.id = d.version WHERE d.route = ? ORDER BY d.rowid DESC LIMIT 1",
        route["id"],
    )


def _add_version(store: Store, route: Row, elements: list[Json]) -> str:
    version = _new_id()
    store.execute(
        "INSERT INTO route_versions VALUES (?, ?, ?, ?)", version, route["id"], to_json(elements), clock.timestamp()
    )
    return version


def _deploy(store: Store, route: Row, version: str) -> str:
    deployment = _new_id()
    store.execute(
        "INSERT INTO route_deployments VALUES (?, ?, ?, ?)", deployment, route["id"], version, clock.timestamp()
    )
    ROUTES.update(store, route)
    return deployment


def _read(call: Call, row: Row) -> Json:
    shown = _show(call.store, row)
    call.store.execute("UPDATE routes SET reads = reads + 1 WHERE id = ?", row["id"])
    if row["reads"] % 2 == 0:
        del shown["elements"]
    return shown


def _show(store: Store, row: Row) -> Json:
    active = _active(store, row)
    version = {"id": active["version"], "elements": active["elements"], "created_at": active["version_created_at"]}
    return {
        **_head(row),
        "elements": json.loads(active["elements"]),
        "version": _version(version, active=True),
        "deployment": _deployment(active),
    }


def _head(row: Row) -> Json:
    return {
        "id": row["id"],
        "name": row["name"],
        "gateway_id": row["gateway"],
        "created_at": row["created_at"],
        "modified_at": row["modified_at"],
    }


def _version(row: Row | Json, *, active: bool) -> Json:
    """`active` is the text "true" or "false"."""
    return {
        "version_id": row["id"],
        "active": "true" if active else "false",
        "created_at": row["created_at"],
        "data": row["elements"],
        "is_valid": True,
    }


def _deployment(row: Row) -> Json:
    return {"deployment_id": row["id"], "version_id": row["version"], "created_at": row["created_at"]}


def _page(call: Call, name: str, items: list[Json]) -> Result:
    page = call.page(items)
    order = {"order_by": "created_at", "order_by_direction": "desc"}
    return BareResult(
        {"success": True, "data": {name: page.items, "page": page.page, "per_page": page.per_page, **order}}
    )


def _new_id() -> str:
    return uuid.uuid4().hex[:16]


ROUTES = Collection(
    path=GATEWAYS.item + "/routes",
    parameter="route",
    table="routes",
    read=READ,
    write=WRITE,
    scope=IN_GATEWAY,
    show=_show,
    not_found=lambda: ApiError.of(404, CODE, "Route not found"),
    parent=GATEWAYS.existing,
)

ENDPOINTS = (
    *ROUTES.endpoints(create=create, list_=list_, get=get, patch=rename),
    Endpoint("POST", ROUTES.item + "/versions", WRITE, create_version),
    Endpoint("GET", ROUTES.item + "/versions", READ, list_versions),
    Endpoint("GET", ROUTES.item + "/versions/{version}", READ, get_version),
    Endpoint("POST", ROUTES.item + "/deployments", WRITE, deploy),
    Endpoint("GET", ROUTES.item + "/deployments", READ, list_deployments),
)
