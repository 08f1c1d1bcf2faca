"""Routes as text and as Mermaid: the graphs of other tests' cases, and some written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewright.cloudflare.dynamic_routes import Graph, graph_of
from gatewright.facts.route_graph import flaws
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.text import route_lines

HERE = Path(__file__).parent / "drawing"
COMPILED = Path(__file__).parents[2] / "cloudflare" / "mapping" / "route_elements"
GRAPHS = sorted([*COMPILED.glob("*.json"), *HERE.glob("*.json")])
NAMES = {
    ("groq", "llama-3.1-8b-instant"): "groq/llama-3.1-8b",
    ("workers-ai", "@cf/openai/gpt-oss-20b"): "workers-ai/gpt-oss-20b",
}


def compare(lines: list[str], expected: Path, *, update: bool) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", GRAPHS, ids=lambda path: path.stem)
def test_case(case: Path, update_cases: bool) -> None:
    elements = json.loads(case.read_text(encoding="utf-8"))
    assert flaws(elements) == []
    graph = graph_of(elements)
    compare(route_lines(graph, NAMES), HERE / f"{case.stem}.txt", update=update_cases)
    compare(route_flowchart(case.stem, graph, NAMES), HERE / f"{case.stem}.mmd", update=update_cases)


def deep(levels: int) -> Graph:
    """Nested conditions, far deeper than Python's recursion limit, with two edges to each."""
    conditions = {
        f"if-{level}": {
            "type": "conditional",
            "outputs": {
                "true": {"elementId": f"if-{level + 1}" if level + 1 < levels else "end"},
                "false": {"elementId": f"if-{level + 1}" if level + 1 < levels else "end"},
            },
        }
        for level in range(levels)
    }
    start = {"type": "start", "outputs": {"next": {"elementId": "if-0"}}}
    return {"start": start, **conditions, "end": {"type": "end", "outputs": {}}}


def test_a_graph_deeper_than_the_recursion_limit() -> None:
    graph = deep(5_000)
    assert len(route_lines(graph, {})) == 10_000
    assert len(route_flowchart("deep", graph, {})) == 2 + 5_000 * 3 + 3


def test_a_graph_with_a_cycle() -> None:
    model = {"type": "model", "properties": {"provider": "p", "model": "m", "retries": 0, "timeout": 60_000}}
    ring = {"success": {"elementId": "a"}, "fallback": {"elementId": "a"}}
    graph: Graph = {
        "start": {"type": "start", "outputs": {"next": {"elementId": "a"}}},
        "a": {**model, "outputs": ring},
    }
    assert route_lines(graph, {}) == ["p/m → p/m, then as above", "  after p/m answers: p/m, then as above"]
    assert len(route_flowchart("ring", graph, {})) == 6


def test_a_timeout_of_zero_is_no_timeout() -> None:
    properties = {"provider": "p", "model": "m", "retries": 0, "timeout": 0}
    outputs = {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}
    graph: Graph = {
        "start": {"type": "start", "outputs": {"next": {"elementId": "a"}}},
        "a": {"type": "model", "properties": properties, "outputs": outputs},
        "end": {"type": "end", "outputs": {}},
    }
    assert route_lines(graph, {}) == ["p/m  (no timeout)"]
