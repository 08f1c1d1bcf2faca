"""A route's graph as a Mermaid flowchart, as GitHub draws it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, END, MODEL, PERCENTAGE, RATE, START
from gatewright.operations.routes import describe as words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import Element

    Names = Mapping[tuple[str, str], str]


def route_flowchart(route: str, graph: Graph, names: Names) -> list[str]:
    """The chart's lines. What an answer of a model leads to is left out: the way ends there."""
    return ["flowchart TD", *(f"  {line}" for line in _Chart(route, graph, names).lines())]


class _Chart:
    """Nodes are numbered: an id may be a word that Mermaid keeps to itself, such as end."""

    def __init__(self, route: str, graph: Graph, names: Names) -> None:
        self._route = route
        self._graph = graph
        self._names = names
        self._numbers: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        """The nodes and edges that a request can come to, each node before its edges."""
        open_ = [name for name, element in self._graph.items() if element["type"] == START]
        self._numbers = dict.fromkeys(open_, 0)
        while open_:
            name = open_.pop()
            element = self._graph[name]
            yield self._node(name, element)
            fresh: list[str] = []
            for label, to in _edges(element):
                if self._graph[to]["type"] == END:
                    if element["type"] == MODEL:
                        continue
                    refusal = f"{self._id(name)}x"
                    yield f'{refusal}(["{_nothing(element)}"])'
                    yield f"{self._id(name)} {_arrow(label)} {refusal}"
                    continue
                if to not in self._numbers:
                    self._numbers[to] = len(self._numbers)
                    fresh.append(to)
                yield f"{self._id(name)} {_arrow(label)} {self._id(to)}"
            open_.extend(reversed(fresh))

    def _id(self, name: str) -> str:
        return f"n{self._numbers[name]}"

    def _node(self, name: str, element: Element) -> str:
        match element["type"]:
            case str(kind) if kind == START:
                begin, text, end = "([", f"dynamic/{self._route}", "])"
            case str(kind) if kind == CONDITIONAL:
                begin, text, end = "{", f"{words.conditions(element)}?", "}"
            case str(kind) if kind == RATE:
                begin, text, end = "[/", f"at most {words.limit(element)}", "/]"
            case str(kind) if kind == PERCENTAGE:
                begin, text, end = "{{", "split", "}}"
            case _:
                patience = ", ".join(words.patience(element))
                begin, text, end = "[", words.model_name(element, self._names), "]"
                text += f" ({patience})" if patience else ""
        return f'{self._id(name)}{begin}"{_escaped(text)}"{end}'


def _edges(element: Element) -> list[tuple[str, str]]:
    """(label, id) of each way on."""
    match element["type"]:
        case str(kind) if kind == START:
            return [("", words.target(element, "next"))]
        case str(kind) if kind == CONDITIONAL:
            return [("yes", words.target(element, "true")), ("no", words.target(element, "false"))]
        case str(kind) if kind == PERCENTAGE:
            return [(text, words.target(element, output)) for output, text in words.shares(element).items()]
        case str(kind) if kind == RATE:
            return [("within", words.target(element, "success")), ("over", words.target(element, "fallback"))]
    return [("answers", words.target(element, "success")), ("fails", words.target(element, "fallback"))]


def _arrow(label: str) -> str:
    return f'-->|"{label}"|' if label else "-->"


def _nothing(element: Element) -> str:
    return "refused with 429" if element["type"] == RATE else "no model is asked"


def _escaped(text: str) -> str:
    """Without what ends a label in quotes, or begins markup in it."""
    return re.sub(r'["#<>&`\\]', lambda found: f"#{ord(found[0])};", text)
