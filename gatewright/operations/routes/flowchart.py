"""A route's graph as a flowchart: what is drawn as Mermaid and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, END, MODEL, PERCENTAGE, RATE, START
from gatewright.frozen import frozen
from gatewright.operations.routes import describe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import Element, ModelNames


@frozen
class FlowEdge:
    """`target` is the id of a node. `end` is the text of an end that only this edge leads to, otherwise ""."""

    label: str
    target: str
    end: str = ""


@frozen
class FlowNode:
    """A reachable element with its edges; `kind` is its type at Cloudflare, `note` its attempts."""

    id: str
    kind: str
    text: str
    note: str
    is_retired: bool
    edges: tuple[FlowEdge, ...]


def flowchart(
    route: str, graph: Graph, names: ModelNames, retired: Collection[tuple[str, str]] = ()
) -> Iterator[FlowNode]:
    """The reachable nodes, numbered from the start. An answered request has no edge: the route ends there.

    `retired` models are (provider, id there).
    """
    pending = [name for name, element in graph.items() if element["type"] == START]
    numbers = dict.fromkeys(pending, 0)
    while pending:
        name = pending.pop()
        element = graph[name]
        edges: list[FlowEdge] = []
        new: list[str] = []
        for label, target in _edges(element):
            if graph[target]["type"] == END:
                if element["type"] != MODEL:
                    end = describe.REJECTED if element["type"] == RATE else describe.NO_MODEL
                    edges.append(FlowEdge(label, f"n{numbers[name]}x", end))
                continue
            if target not in numbers:
                numbers[target] = len(numbers)
                new.append(target)
            edges.append(FlowEdge(label, f"n{numbers[target]}"))
        note = ", ".join(describe.attempts(element)) if element["type"] == MODEL else ""
        is_retired = _model_key(element) in retired
        text = _text(route, element, names)
        yield FlowNode(f"n{numbers[name]}", str(element["type"]), text, note, is_retired, tuple(edges))
        pending.extend(reversed(new))


def _text(route: str, element: Element, names: ModelNames) -> str:
    match element["type"]:
        case str(kind) if kind == START:
            return f"dynamic/{route}"
        case str(kind) if kind == CONDITIONAL:
            return f"{describe.conditions(element)}?"
        case str(kind) if kind == RATE:
            return f"at most {describe.limit(element)}"
        case str(kind) if kind == PERCENTAGE:
            return "split"
        case _:
            return describe.model_name(element, names)


def _model_key(element: Element) -> tuple[object, object]:
    properties = element["properties"] if element["type"] == MODEL else {}
    return properties.get("provider"), properties.get("model")


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
    outputs = element["outputs"]
    return [(label, describe.target(element, output)) for output, label in labels.items() if output in outputs]
