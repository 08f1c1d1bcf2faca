"""Which version of each route runs, kept before an up, and the way back to it when what came after does not answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.errors import CloudflareError, UsageError
from gatewright.operations.routes.rollback import client_of
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatewright.cloudflare.dynamic_routes import Route
    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class Versions:
    """By the name of each route of an environment: its id, and the version that runs."""

    environment: str
    routes: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Back:
    """A route that has changed since: the version that runs again instead of another; or `why` it does not."""

    route: str
    version: str
    instead_of: str | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class WentBack:
    """What came of each route that has changed, and the names of those that were `made_since` and stay."""

    changed: tuple[Back, ...]
    made_since: tuple[str, ...]


def running(environment: Environment) -> Versions:
    """What runs now at Cloudflare; nothing where there is no gateway yet. Raises what `Client` raises."""
    account = require_account(environment)
    with client_of(environment) as client:
        there = _there(DynamicRoutes(client, account, environment.gateway_name))
    return Versions(environment.name, {name: (each.id, each.version) for name, each in there.items()})


def write(versions: Versions, path: Path) -> None:
    """Keeps them in a file: names and ids, nothing secret."""
    routes = {name: {"id": id_, "version": version} for name, (id_, version) in versions.routes.items()}
    path.write_text(json.dumps({"environment": versions.environment, "routes": routes}, indent=2) + "\n", "utf-8")


def read(path: Path) -> Versions:
    """What `write` kept. Raises UsageError for a file that it did not write."""
    try:
        content = json.loads(path.read_text("utf-8"))
        routes = {str(name): (str(each["id"]), str(each["version"])) for name, each in content["routes"].items()}
        return Versions(str(content["environment"]), routes)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} holds no routes' versions", "gatewright routes ENV --save FILE writes it") from error


def go_back(environment: Environment, before: Versions) -> WentBack:
    """Deploys, of every route that was there, the version that ran `before` where another one runs now.

    One that was made since stays as it is: nobody asked for it before. Raises UsageError for another environment's
    versions, and what `Client` raises; but what fails for one route holds up none of the others.
    """
    if before.environment != environment.name:
        raise UsageError(f"these are the versions of {before.environment}, not of {environment.name}")
    account = require_account(environment)
    with client_of(environment) as client:
        routes = DynamicRoutes(client, account, environment.gateway_name)
        there = _there(routes)
        changed = [
            _back(routes, name, was, there.get(name))
            for name, was in before.routes.items()
            if (now := there.get(name)) is None or (now.id, now.version) != was
        ]
    return WentBack(tuple(changed), tuple(sorted(there.keys() - before.routes.keys())))


def _back(routes: DynamicRoutes, name: str, was: tuple[str, str], now: Route | None) -> Back:
    route, version = was
    if now is None:
        return Back(name, version, None, "it was taken away; an up of the files as they were makes it again")
    if now.id != route:
        return Back(name, version, now.version, "it was made anew, without its versions")
    try:
        routes.run(route, version)
    except CloudflareError as error:
        return Back(name, version, now.version, error.message)
    return Back(name, version, now.version)


def _there(routes: DynamicRoutes) -> dict[str, Route]:
    try:
        return {route.name: route for route in routes.listed()}
    except CloudflareError as error:
        if error.status != 404:
            raise
        return {}  # there is no gateway yet
