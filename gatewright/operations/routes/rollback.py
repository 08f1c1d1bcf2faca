"""The emergency brake of a route: the version before runs again, at once, whatever became of the stack's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, elements_of
from gatewright.errors import CloudflareError, GatewrightError
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.route_graph import flaws
from gatewright.operations.routes.describe import model_names
from gatewright.operations.routes.drawing import no_route
from gatewright.operations.routes.text import route_lines
from gatewright.operations.up import engine_of
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.cloudflare.dynamic_routes import Graph, Route
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A route, the version that it runs from now on, when that was made (RFC 3339), and what it does as text."""

    route: str
    version: str
    made: str
    instead_of: str
    text: Sequence[str]


def roll_back(environment: Environment, route: str, agreed: Callable[[RolledBack], bool]) -> RolledBack | None:
    """Deploys the version that ran before the present one; None where that was not `agreed`.

    A real account is reached with CLOUDFLARE_API_TOKEN. Needs neither the engine nor the stack's state. Raises
    UsageError for a route that is neither in the file nor at Cloudflare, GatewrightError where there is nothing to go
    back to, and what `Client` raises.
    """
    account = require_account(environment)
    with client_of(environment) as client:
        routes = DynamicRoutes(client, account, environment.gateway_name)
        there = _find(routes, environment, route)
        before = routes.before(there)
        if before is None:
            raise GatewrightError(
                f"route {route} has run no other version before the present one, {there.version}",
                f"Change it in the file, then: gatewright up {environment.name}",
            )
        plan = RolledBack(route, before.id, before.made, there.version, _text(environment, before.graph))
        if not agreed(plan):
            return None
        routes.run(there.id, before.id)
    return plan


def tell_state(project: Project, environment: Environment, routes: Sequence[str]) -> None:
    """Reads the routes anew into the stack's state, so that a preview shows what differs from the file.

    Raises a GatewrightError where it cannot be: no engine, no stack, a lock.
    """
    pulumi = engine_of(project, environment)
    targets = [flag for route in routes for flag in ("--target", urn_pattern(route))]
    pulumi.run_quietly("refresh", "--yes", "--skip-preview", *targets, "--stack", environment.name)


def urn_pattern(route: str) -> str:
    """What `pulumi refresh --target` finds a route by."""
    return f"**gatewright:index:DynamicRoute::{route}"


def client_of(environment: Environment) -> Client:
    """The control plane of the environment's account, with the token that deploys it."""
    if environment.local is None:
        return Client()
    return Client(control_plane_url(environment.local.port), LOCAL_DEPLOY_TOKEN)


def _find(routes: DynamicRoutes, environment: Environment, route: str) -> Route:
    try:
        there = routes.find(route)
    except CloudflareError as error:
        if error.status != 404:
            raise
        there = None  # there is no gateway yet
    if there is not None:
        return there
    if route not in environment.routes:
        raise no_route(environment, route)
    raise GatewrightError(
        f"route {route} is not at Cloudflare yet, so there is nothing to go back to",
        f"gatewright up {environment.name}",
    )


def _text(environment: Environment, graph: Graph) -> Sequence[str]:
    if flaws(elements_of(graph)):
        return [f"a graph of {len(graph)} elements that cannot be drawn"]
    return route_lines(graph, model_names(environment))
