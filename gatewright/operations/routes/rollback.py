"""Roll back a route: deploy the version that ran before, whatever the state of the stack."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, elements_of
from gatewright.command_line import command
from gatewright.errors import CloudflareError, GatewrightError
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.resource_types import DYNAMIC_ROUTE
from gatewright.facts.route_graph import flaws
from gatewright.frozen import frozen
from gatewright.operations.routes.describe import model_names
from gatewright.operations.routes.drawing import unknown_route
from gatewright.operations.routes.text import route_lines
from gatewright.operations.stack.open_stack import open_stack
from gatewright.workspace import deploying_token, require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.cloudflare.dynamic_routes import Graph, Route
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@frozen
class Rollback:
    """A route, the version to deploy, when that was created (RFC 3339), the version to replace, the graph as text."""

    route: str
    version: str
    created: str
    replaced: str
    text: Sequence[str]


def roll_back(environment: Environment, route: str, confirm: Callable[[Rollback], bool]) -> Rollback | None:
    """Deploy the version that ran before the current one; None where `confirm` declines.

    A real account is reached with its deploying token. Needs neither the engine nor the stack's state. Raises also
    what `Client` raises.

    Raises:
        UsageError: the route is neither in the file nor at Cloudflare.
        GatewrightError: the route has no earlier version.
    """
    account = require_account(environment)
    with control_plane(environment) as client:
        routes = DynamicRoutes(client, account, environment.gateway_name)
        current = _find(routes, environment, route)
        previous = routes.previous_version(current)
        if previous is None:
            raise GatewrightError(
                f"route {route} has no version before the current one, {current.version}",
                f"Change it in the file, then: {command(f'up {environment.name}')}",
            )
        rollback = Rollback(
            route, previous.id, previous.created_at, current.version, route_text(environment, previous.graph)
        )
        if not confirm(rollback):
            return None
        routes.deploy_version(current.id, previous.id)
    return rollback


def refresh_state(project: Project, environment: Environment, routes: Sequence[str]) -> None:
    """Refresh the routes in the stack's state, so that a preview shows how they differ from the file.

    Raises GatewrightError if there is no engine or no stack, or the stack is locked.
    """
    pulumi = open_stack(project, environment)
    targets = [flag for route in routes for flag in ("--target", urn_pattern(route))]
    pulumi.run("refresh", "--yes", "--skip-preview", *targets, "--stack", environment.name)


def urn_pattern(route: str) -> str:
    """The `--target` of `pulumi refresh` for a route."""
    return f"**{DYNAMIC_ROUTE}::{route}"


def control_plane(environment: Environment, pause: Callable[[float], None] = time.sleep) -> Client:
    """The control plane of the environment's account, with its deploying token; `pause` waits between attempts."""
    if environment.local is None:
        return Client(api_token=deploying_token(environment), sleep=pause)
    return Client(control_plane_url(environment.local.port), LOCAL_DEPLOY_TOKEN, sleep=pause)


def _find(routes: DynamicRoutes, environment: Environment, name: str) -> Route:
    try:
        route = routes.find(name)
    except CloudflareError as error:
        if error.status != 404:
            raise
        route = None  # the gateway does not exist yet
    if route is not None:
        return route
    if name not in environment.routes:
        raise unknown_route(environment, name)
    hint = command(f"up {environment.name}")
    raise GatewrightError(f"route {name} is not deployed yet, so there is no version to roll back to", hint)


def route_text(environment: Environment, graph: Graph) -> Sequence[str]:
    """The lines of a graph that Cloudflare has; a sentence for one that cannot be drawn."""
    if flaws(elements_of(graph)):
        return [f"a graph of {len(graph)} elements that cannot be drawn"]
    return route_lines(graph, model_names(environment))
