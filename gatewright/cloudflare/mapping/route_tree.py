"""Read the elements of a route as the tree of an environment file: the inverse of route_elements.

A graph that was drawn by hand may not be a tree, and may have other ids than a compiled one: the caller compiles the
tree again and compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import LIMIT_TYPES
from gatewright.environment.model.route_schema import RETRIES_RANGE, TIMEOUT_RANGE
from gatewright.environment.model.routes import DEFAULT_TIMEOUT
from gatewright.environment.quantities import duration_text, quantity_text
from gatewright.facts import route_graph as kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.dynamic_routes import Graph

    Element = dict[str, Any]
    ModelNamer = Callable[[str, str], str | None]

_UNITS = {sent: unit for unit, sent in LIMIT_TYPES.items()}


def route_tree(graph: Graph, model_name: ModelNamer) -> Any:
    """A route's tree as plain data for YAML, or None for a graph that is not a tree. `model_name`: (provider, id) ->
    `provider/model`, None for a model that a file cannot name."""
    starts = [name for name, element in graph.items() if element["type"] == kinds.START]
    try:
        return _Reader(graph, model_name).step(graph[starts[0]]["outputs"]["next"]["elementId"])
    except (_NotATreeError, LookupError, TypeError, ValueError, AttributeError):  # an element lacks what its type needs
        return None


class _NotATreeError(Exception):
    """The graph is not a tree."""


class _Reader:
    """One walk through a graph. It fails at an element that it reaches twice."""

    def __init__(self, graph: Graph, model_name: ModelNamer) -> None:
        self._graph = graph
        self._model_name = model_name
        self._seen: set[str] = set()

    def step(self, name: str) -> Any:
        element = self._enter(name)
        match element["type"]:
            case kinds.MODEL:
                return self._try(element)
            case kinds.PERCENTAGE:
                shares = sorted(element["outputs"], key=lambda share: share == kinds.ELSE)
                return {"split": [{share: self.step(_target(element, share))} for share in shares]}
            case kinds.CONDITIONAL:
                return {
                    "if": _comparisons(element["properties"]["conditions"]),
                    "then": self.step(_target(element, "true")),
                    "else": self.step(_target(element, "false")),
                }
            case kinds.RATE:
                return self._limit(element)
        raise _NotATreeError

    def _enter(self, name: str) -> Element:
        if name in self._seen:
            raise _NotATreeError
        self._seen.add(name)
        return self._graph[name]

    def _try(self, first: Element) -> Any:
        models, element = [first], first
        while (fallback := _target(element, "fallback")) != kinds.END:
            element = self._enter(fallback)
            models.append(element)
        attempts = {(model["properties"]["retries"], model["properties"]["timeout"]) for model in models}
        targets = {_target(model, "success") for model in models}
        if {model["type"] for model in models} != {kinds.MODEL} or targets != {kinds.END} or len(attempts) > 1:
            raise _NotATreeError
        ((retries, timeout),) = attempts
        if retries not in RETRIES_RANGE or timeout not in TIMEOUT_RANGE:  # Cloudflare accepts more than a step does
            raise _NotATreeError
        names = [self._name(model["properties"]) for model in models]
        more = {"retries": retries} if retries else {}
        more |= {"timeout": duration_text(timeout)} if timeout != DEFAULT_TIMEOUT else {}
        return {"try": names, **more} if more else names

    def _name(self, properties: Mapping[str, Any]) -> str:
        name = self._model_name(properties["provider"], properties["model"])
        if name is None:
            raise _NotATreeError
        return name

    def _limit(self, element: Element) -> Any:
        properties = element["properties"]
        then = self.step(_target(element, "success"))
        over = _target(element, "fallback")
        tried = {"try": then} if isinstance(then, list) else then
        return {
            "limit": quantity_text(properties["limit"], _UNITS[properties["limitType"]], properties["window"]),
            "by": properties["key"],
            **(tried if "try" in tried and "limit" not in tried else {"then": then}),
            **({} if over == kinds.END else {"over": self.step(over)}),
        }


def _target(element: Element, output: str) -> str:
    return str(element["outputs"][output]["elementId"])


def _comparisons(conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        field: {operator.removeprefix("$"): value for operator, value in compared.items()}
        for field, compared in conditions.items()
    }
