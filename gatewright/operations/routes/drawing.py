"""An environment's routes as graphs, and their drawing. From the environment alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.dynamic_routes import Graph, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.diagnostics import did_you_mean
from gatewright.errors import UsageError
from gatewright.operations.routes.describe import model_names
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.text import route_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class Drawn:
    """One route: its elements as Cloudflare gets them, and the graph in text and as a Mermaid flowchart."""

    route: str
    elements: Sequence[dict[str, Any]]
    text: Sequence[str]
    mermaid: Sequence[str]


def drawn(environment: Environment, routes: Sequence[str]) -> list[Drawn]:
    """Those of `routes`, all of them when there is none. Raises UsageError for a name that is no route."""
    names = model_names(environment)
    found = []
    for name in routes or environment.routes:
        if name not in environment.routes:
            raise no_route(environment, name)
        elements = route_elements(environment, name)
        graph: Graph = graph_of(elements)
        found.append(Drawn(name, elements, route_lines(graph, names), route_flowchart(name, graph, names)))
    return found


def no_route(environment: Environment, name: str) -> UsageError:
    """What to say of a route that there is not."""
    return UsageError(f"{environment.name} has no route {name}", did_you_mean(name, environment.routes))
