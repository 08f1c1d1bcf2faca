"""The routes that a log entry may belong to: Cloudflare's log names the model and the step, but not the route."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.facts.route_graph import MODEL, START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment

    ModelStep = tuple[str, str, int]


def routes_by_step(environment: Environment) -> Mapping[ModelStep, tuple[str, ...]]:
    """The routes that can call a model at a step, by (provider, the model's id there, step).

    Step 0 is the first model that a request tries. A request without a route has step 0 too.
    """
    found: dict[ModelStep, list[str]] = defaultdict(list)
    for route in environment.routes:
        for model_step in sorted(_model_steps(environment, route)):
            found[model_step].append(route)
    return {model_step: tuple(routes) for model_step, routes in found.items()}


def _model_steps(environment: Environment, route: str) -> set[ModelStep]:
    """The models of a route, each with how many models a request can have tried before."""
    elements = {element["id"]: element for element in route_elements(environment, route)}
    start = next(name for name, element in elements.items() if element["type"] == START)
    waiting, seen, steps = [(start, 0)], set(), set()
    while waiting:
        name, tried = waiting.pop()
        if (name, tried) in seen:
            continue
        seen.add((name, tried))
        element = elements[name]
        is_model = element["type"] == MODEL
        if is_model:
            steps.add((str(element["properties"]["provider"]), str(element["properties"]["model"]), tried))
        outputs = ("fallback",) if is_model else tuple(element["outputs"])
        waiting += [(element["outputs"][output]["elementId"], tried + is_model) for output in outputs]
    return steps
