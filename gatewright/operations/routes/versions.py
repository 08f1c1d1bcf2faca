"""Save which version of each route is deployed, and deploy the saved versions again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.command_line import command
from gatewright.errors import CloudflareError, UsageError
from gatewright.frozen import frozen
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.operations.routes.rollback import control_plane
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatewright.cloudflare.dynamic_routes import Route
    from gatewright.environment.resolved import Environment


@frozen
class RouteVersions:
    """By the name of each route of an environment: its id, and the id of the deployed version."""

    environment: str
    routes: Mapping[str, tuple[str, str]]


@frozen
class RestoredRoute:
    """A route that has changed since: the version deployed again and the one it replaces, or the `error`."""

    route: str
    version: str
    replaced: str | None
    error: str | None = None


@frozen
class Restoration:
    """The routes that had changed, and the names of those that were created since and stay."""

    changed: tuple[RestoredRoute, ...]
    created_since: tuple[str, ...]


def deployed_versions(environment: Environment) -> RouteVersions:
    """The versions deployed at Cloudflare; none where the gateway does not exist. Raises what `Client` raises."""
    account = require_account(environment)
    with control_plane(environment) as client:
        routes = _routes(DynamicRoutes(client, account, environment.gateway_name))
    return RouteVersions(environment.name, {name: (route.id, route.version) for name, route in routes.items()})


def save_versions(versions: RouteVersions, path: Path) -> None:
    """Write names and ids, which are not secret, to a file."""
    routes = {name: {"id": id_, "version": version} for name, (id_, version) in versions.routes.items()}
    path.write_text(json.dumps({"environment": versions.environment, "routes": routes}, indent=2) + "\n", "utf-8")


def read_versions(path: Path) -> RouteVersions:
    """Read a file of `save_versions`. Raises UsageError if the file holds something else."""
    try:
        content = parse_json(read_regular_file(path))
        routes = {str(name): (str(entry["id"]), str(entry["version"])) for name, entry in content["routes"].items()}
        return RouteVersions(str(content["environment"]), routes)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f"To create such a file: {command('routes ENV --save FILE')}"
        raise UsageError(f"{path} does not hold versions of routes", hint) from error


def restore_versions(environment: Environment, saved: RouteVersions) -> Restoration:
    """Deploy the saved version of each route that runs another one now.

    Routes created since stay as they are. A failure of one route does not stop the others. Raises also what `Client`
    raises.

    Raises UsageError if the versions are of another environment.
    """
    if saved.environment != environment.name:
        raise UsageError(f"the file holds the versions of {saved.environment}, not of {environment.name}")
    account = require_account(environment)
    with control_plane(environment) as client:
        routes = DynamicRoutes(client, account, environment.gateway_name)
        current = _routes(routes)
        changed = [
            _restore(routes, name, version, current.get(name))
            for name, version in saved.routes.items()
            if (route := current.get(name)) is None or (route.id, route.version) != version
        ]
    return Restoration(tuple(changed), tuple(sorted(current.keys() - saved.routes.keys())))


def _restore(routes: DynamicRoutes, name: str, saved: tuple[str, str], current: Route | None) -> RestoredRoute:
    route, version = saved
    if current is None:
        return RestoredRoute(name, version, None, "it was deleted; an up with the earlier files creates it again")
    if current.id != route:
        return RestoredRoute(name, version, current.version, "it was deleted and created again, without its versions")
    try:
        routes.deploy_version(route, version)
    except CloudflareError as error:
        return RestoredRoute(name, version, current.version, error.message)
    return RestoredRoute(name, version, current.version)


def _routes(routes: DynamicRoutes) -> dict[str, Route]:
    try:
        return {route.name: route for route in routes.list_all()}
    except CloudflareError as error:
        if error.status != 404:
            raise
        return {}  # the gateway does not exist yet
