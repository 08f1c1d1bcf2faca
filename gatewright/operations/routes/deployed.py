"""Routes as Cloudflare runs them, after a rollback or a change by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gatewright.cloudflare.dynamic_routes import DynamicRoutes, elements_of, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.operations.routes.describe import model_names
from gatewright.operations.routes.drawing import RouteDrawing, unknown_route
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.rollback import control_plane, route_text
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.cloudflare.dynamic_routes import Route
    from gatewright.environment.resolved import Environment


def draw_deployed(environment: Environment, routes: Sequence[str]) -> list[RouteDrawing]:
    """Draw the versions that Cloudflare runs of `routes`, or of all its routes where none is named.

    Raises also what `Client` raises.

    Raises:
        UsageError: Cloudflare has no such route, and the file does not declare it.
        GatewrightError: the route is not deployed yet.
    """
    deployed = deployed_routes(environment)
    for name in routes:
        if name not in deployed:
            if name not in environment.routes:
                raise unknown_route(environment, name)
            raise GatewrightError(f"route {name} is not deployed yet")
    return [_draw(environment, deployed[name]) for name in routes or sorted(deployed)]


def other_versions(environment: Environment) -> Mapping[str, RouteDrawing]:
    """By name, the declared routes of which Cloudflare runs another graph than the file's.

    Empty where Cloudflare cannot be asked: without a running server, or a gateway.
    """
    try:
        deployed = deployed_routes(environment, pause=lambda _: None)
    except (CloudflareError, RefusedError):
        return {}
    return {
        name: _draw(environment, deployed[name])
        for name in environment.routes
        if name in deployed and deployed[name].graph != graph_of(route_elements(environment, name))
    }


def deployed_routes(environment: Environment, pause: Callable[[float], None] = time.sleep) -> dict[str, Route]:
    """The routes that Cloudflare runs, by name. Raises what `Client` raises."""
    account = require_account(environment)
    with control_plane(environment, pause) as client:
        return {route.name: route for route in DynamicRoutes(client, account, environment.gateway_name).list_all()}


def _draw(environment: Environment, route: Route) -> RouteDrawing:
    names = model_names(environment)
    return RouteDrawing(
        route.name,
        elements_of(route.graph),
        route_text(environment, route.graph),
        route_flowchart(route.name, route.graph, names),
        route.version,
    )
