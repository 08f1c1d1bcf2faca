"""The routes of an environment as graphs, text and Mermaid, from the YAML alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.dynamic_routes import Graph, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.diagnostics import did_you_mean
from gatewright.environment.checks.metadata_uses import route_uses
from gatewright.errors import UsageError
from gatewright.facts.route_conditions import METADATA
from gatewright.frozen import frozen
from gatewright.operations.routes.describe import model_names, retired_models
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.text import route_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment


@frozen
class RouteDrawing:
    """One route: its elements as sent to Cloudflare, and the lines of its text and of its Mermaid flowchart.

    `version` is the id of the deployed version, "" for a drawing of the file.
    """

    route: str
    elements: Sequence[dict[str, Any]]
    text: Sequence[str]
    mermaid: Sequence[str]
    version: str = ""
    notes: Sequence[str] = ()  # which metadata the clients send


def draw_routes(environment: Environment, routes: Sequence[str]) -> list[RouteDrawing]:
    """Draw `routes`, or all routes where none is named; retired models are struck through.

    Raises UsageError if a name is not a route.
    """
    drawings = []
    for route in routes or environment.routes:
        if route not in environment.routes:
            raise unknown_route(environment, route)
        notes = [f"note: {METADATA}{use.key}: {use.message}" for use in route_uses(environment, route)]
        drawings.append(draw_elements(environment, route, route_elements(environment, route), notes=notes))
    return drawings


def draw_elements(
    environment: Environment,
    route: str,
    elements: Sequence[dict[str, Any]],
    version: str = "",
    notes: Sequence[str] = (),
) -> RouteDrawing:
    """Draw the elements of a route; retired models are struck through."""
    names, retired = model_names(environment), retired_models(environment)
    marked = names | {key: f"~~{names[key]}~~ (retired since {date})" for key, date in retired.items()}
    graph: Graph = graph_of(elements)
    text, mermaid = route_lines(graph, marked), route_flowchart(route, graph, names, retired)
    return RouteDrawing(route, elements, text, mermaid, version, notes)


def unknown_route(environment: Environment, name: str) -> UsageError:
    """The error for a name that is not a route."""
    return UsageError(f"{environment.name} has no route {name}", did_you_mean(name, environment.routes))
