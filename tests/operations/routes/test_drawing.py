"""Routes drawn, as text and as Mermaid: the graphs of other tests' cases and some by hand, to the letter."""

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
    """Conditions inside conditions, far deeper than Python's own limit of calls, and two ways to each."""
    ways = {
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
    return {"start": start, **ways, "end": {"type": "end", "outputs": {}}}


def test_a_graph_deeper_than_pythons_calls_is_drawn_in_one_walk() -> None:
    graph = deep(5_000)
    assert len(route_lines(graph, {})) == 10_000
    assert len(route_flowchart("deep", graph, {})) == 2 + 5_000 * 3 + 3


def test_a_graph_that_runs_in_a_circle_is_drawn_to_an_end() -> None:
    model = {"type": "model", "properties": {"provider": "p", "model": "m", "retries": 0, "timeout": 60_000}}
    ring = {"success": {"elementId": "a"}, "fallback": {"elementId": "a"}}
    graph: Graph = {
        "start": {"type": "start", "outputs": {"next": {"elementId": "a"}}},
        "a": {**model, "outputs": ring},
    }
    assert route_lines(graph, {}) == ["p/m → p/m and on, as above", "  once p/m answers: p/m and on, as above"]
    assert len(route_flowchart("ring", graph, {})) == 6
