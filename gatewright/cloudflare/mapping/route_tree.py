"""The elements of a route as the tree of an environment file: the inverse of route_elements, where there is one.

A graph that was drawn by hand need not be a tree, nor have the ids that a compiled one has: whoever writes the tree
compiles it again and compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import LIMIT_TYPES
from gatewright.environment.model.routes import DEFAULT_TIMEOUT
from gatewright.environment.quantities import amount_text, duration_text, period_text
from gatewright.facts import route_graph as kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.dynamic_routes import Graph

    Element = dict[str, Any]
    ModelNamed = Callable[[str, str], str | None]

_UNITS = {sent: unit for unit, sent in LIMIT_TYPES.items()}


def route_tree(graph: Graph, model_named: ModelNamed) -> Any:
    """A route's tree as plain data for YAML, None where it is none. `model_named`: (provider, id) -> `provider/model`,
    None for a model that cannot be named."""
    starts = [name for name, element in graph.items() if element["type"] == kinds.START]
    try:
        return _Reading(graph, model_named).step(graph[starts[0]]["outputs"]["next"]["elementId"])
    except (_NoTreeError, LookupError, TypeError, ValueError, AttributeError):  # an element without what its type needs
        return None


class _NoTreeError(Exception):
    """It cannot be said as a tree."""


class _Reading:
    """One walk; an element that is reached twice ends it, since every step of a tree has its own."""

    def __init__(self, graph: Graph, model_named: ModelNamed) -> None:
        self._graph = graph
        self._model_named = model_named
        self._seen: set[str] = set()

    def step(self, name: str) -> Any:
        element = self._enter(name)
        match element["type"]:
            case kinds.MODEL:
                return self._try(element)
            case kinds.PERCENTAGE:
                ways = sorted(element["outputs"], key=lambda way: way == kinds.ELSE)
                return {"split": [{way: self.step(_target(element, way))} for way in ways]}
            case kinds.CONDITIONAL:
                return {
                    "if": _comparisons(element["properties"]["conditions"]),
                    "then": self.step(_target(element, "true")),
                    "else": self.step(_target(element, "false")),
                }
            case kinds.RATE:
                return self._limit(element)
        raise _NoTreeError

    def _enter(self, name: str) -> Element:
        if name in self._seen:
            raise _NoTreeError
        self._seen.add(name)
        return self._graph[name]

    def _try(self, first: Element) -> Any:
        models, element = [first], first
        while (following := _target(element, "fallback")) != kinds.END:
            element = self._enter(following)
            models.append(element)
        patience = {(each["properties"]["retries"], each["properties"]["timeout"]) for each in models}
        answered = {_target(each, "success") for each in models}
        if {each["type"] for each in models} != {kinds.MODEL} or answered != {kinds.END} or len(patience) > 1:
            raise _NoTreeError
        ((retries, timeout),) = patience
        names = [self._name(each["properties"]) for each in models]
        more = {"retries": retries} if retries else {}
        more |= {"timeout": duration_text(timeout)} if timeout != DEFAULT_TIMEOUT else {}
        return {"try": names, **more} if more else names

    def _name(self, properties: Mapping[str, Any]) -> str:
        name = self._model_named(properties["provider"], properties["model"])
        if name is None:
            raise _NoTreeError
        return name

    def _limit(self, element: Element) -> Any:
        its = element["properties"]
        within = self.step(_target(element, "success"))
        over = _target(element, "fallback")
        tried = {"try": within} if isinstance(within, list) else within
        return {
            "limit": f"{amount_text(its['limit'])} {_UNITS[its['limitType']]}/{period_text(its['window'])}",
            "by": its["key"],
            **(tried if "try" in tried and "limit" not in tried else {"then": within}),
            **({} if over == kinds.END else {"over": self.step(over)}),
        }


def _target(element: Element, output: str) -> str:
    return str(element["outputs"][output]["elementId"])


def _comparisons(conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        field: {operator.removeprefix("$"): value for operator, value in compared.items()}
        for field, compared in conditions.items()
    }
