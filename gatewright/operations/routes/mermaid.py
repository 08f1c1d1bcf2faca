"""A route's graph as a Mermaid flowchart, as GitHub draws it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, PERCENTAGE, RATE, START
from gatewright.operations.routes.flowchart import flowchart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import ModelNames
    from gatewright.operations.routes.flowchart import FlowNode


_RETIRED = ("retired", "text-decoration:line-through")
"""The class of a model that its provider no longer serves, and its style."""
_SHAPES = {START: ("([", "])"), CONDITIONAL: ("{", "}"), RATE: ("[/", "/]"), PERCENTAGE: ("{{", "}}")}


def route_flowchart(
    route: str, graph: Graph, names: ModelNames, retired: Collection[tuple[str, str]] = ()
) -> list[str]:
    """The chart's lines; `retired` models, as (provider, id there), are struck through."""
    nodes = [*flowchart(route, graph, names, retired)]
    lines = [line for node in nodes for line in _lines(node)]
    if any(node.is_retired for node in nodes):
        name, style = _RETIRED
        lines.append(f"classDef {name} {style}")
    return ["flowchart TD", *(f"  {line}" for line in lines)]


def _lines(node: FlowNode) -> Iterator[str]:
    begin, end = _SHAPES.get(node.kind, ("[", "]"))
    text = f"{node.text} ({node.note})" if node.note else node.text
    style = f":::{_RETIRED[0]}" if node.is_retired else ""
    yield f'{node.id}{begin}"{_escape(text)}"{end}{style}'
    for edge in node.edges:
        if edge.end:
            yield f'{edge.target}(["{edge.end}"])'
        arrow = f'-->|"{edge.label}"|' if edge.label else "-->"
        yield f"{node.id} {arrow} {edge.target}"


def _escape(text: str) -> str:
    """Replace what ends a quoted label or starts markup in it."""
    return re.sub(r'["#<>&`\\]', lambda match: f"#{ord(match[0])};", text)
