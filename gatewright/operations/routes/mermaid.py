"""A route's graph as a Mermaid flowchart, as GitHub draws it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, END, MODEL, PERCENTAGE, RATE, START
from gatewright.operations.routes import describe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import Element, ModelNames


_RETIRED = ("retired", "text-decoration:line-through")
"""The class of a model that its provider no longer serves, and its style."""


def route_flowchart(
    route: str, graph: Graph, names: ModelNames, retired: Collection[tuple[str, str]] = ()
) -> list[str]:
    """The chart's lines. Edges for an answered request are left out: the route ends there.

    `retired` models, as (provider, id there), are struck through.
    """
    lines = [*_Chart(route, graph, names, retired).lines()]
    name, style = _RETIRED
    styles = [f"classDef {name} {style}"] if any(line.endswith(f":::{name}") for line in lines) else []
    return ["flowchart TD", *(f"  {line}" for line in [*lines, *styles])]


class _Chart:
    """Nodes are numbered: an element's id may be a reserved word of Mermaid, such as `end`."""

    def __init__(self, route: str, graph: Graph, names: ModelNames, retired: Collection[tuple[str, str]]) -> None:
        self._route = route
        self._graph = graph
        self._names = names
        self._retired = retired
        self._numbers: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        """The reachable nodes and edges, each node before its edges."""
        pending = [name for name, element in self._graph.items() if element["type"] == START]
        self._numbers = dict.fromkeys(pending, 0)
        while pending:
            name = pending.pop()
            element = self._graph[name]
            yield self._node(name, element)
            new: list[str] = []
            for label, target in _edges(element):
                if self._graph[target]["type"] == END:
                    if element["type"] == MODEL:
                        continue
                    end = f"{self._id(name)}x"
                    yield f'{end}(["{describe.REJECTED if element["type"] == RATE else describe.NO_MODEL}"])'
                    yield f"{self._id(name)} {_arrow(label)} {end}"
                    continue
                if target not in self._numbers:
                    self._numbers[target] = len(self._numbers)
                    new.append(target)
                yield f"{self._id(name)} {_arrow(label)} {self._id(target)}"
            pending.extend(reversed(new))

    def _id(self, name: str) -> str:
        return f"n{self._numbers[name]}"

    def _node(self, name: str, element: Element) -> str:
        match element["type"]:
            case str(kind) if kind == START:
                begin, text, end = "([", f"dynamic/{self._route}", "])"
            case str(kind) if kind == CONDITIONAL:
                begin, text, end = "{", f"{describe.conditions(element)}?", "}"
            case str(kind) if kind == RATE:
                begin, text, end = "[/", f"at most {describe.limit(element)}", "/]"
            case str(kind) if kind == PERCENTAGE:
                begin, text, end = "{{", "split", "}}"
            case _:
                attempts = ", ".join(describe.attempts(element))
                begin, text, end = "[", describe.model_name(element, self._names), "]"
                text += f" ({attempts})" if attempts else ""
        style = f":::{_RETIRED[0]}" if self._is_retired(element) else ""
        return f'{self._id(name)}{begin}"{_escape(text)}"{end}{style}'

    def _is_retired(self, element: Element) -> bool:
        properties = element["properties"] if element["type"] == MODEL else {}
        return (properties.get("provider"), properties.get("model")) in self._retired


def _edges(element: Element) -> list[tuple[str, str]]:
    """(label, id of the target) of each output."""
    match element["type"]:
        case str(kind) if kind == START:
            labels = {"next": ""}
        case str(kind) if kind == CONDITIONAL:
            labels = {"true": "yes", "false": "no"}
        case str(kind) if kind == PERCENTAGE:
            labels = describe.shares(element)
        case str(kind) if kind == RATE:
            labels = {"success": "within", "fallback": "over"}
        case _:
            labels = {"success": "answers", "fallback": "fails"}
    return [(label, describe.target(element, output)) for output, label in labels.items()]


def _arrow(label: str) -> str:
    return f'-->|"{label}"|' if label else "-->"


def _escape(text: str) -> str:
    """Replace what ends a quoted label or starts markup in it."""
    return re.sub(r'["#<>&`\\]', lambda match: f"#{ord(match[0])};", text)
