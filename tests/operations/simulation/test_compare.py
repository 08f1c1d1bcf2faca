"""preview --simulate: the same load on the deployed routes and on those of the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from gatewright.cli.reports.github import to_markdown
from gatewright.cli.reports.preview import preview_document
from gatewright.cli.reports.text import print_text
from gatewright.cli.screen import Screen
from gatewright.cloudflare.dynamic_routes import Route, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.errors import CloudflareError, RefusedError
from gatewright.operations.batch import Outcome
from gatewright.operations.plan.model import Plan, SimulatedLoad
from gatewright.operations.show import Table
from gatewright.operations.simulation import compare
from gatewright.operations.simulation.load import RateLoad
from gatewright.shipped import SCHEMAS
from gatewright.workspace import require

from .environments import DAY, START, load_environment

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.load import Loaded

FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake}
providers:
  groq: {key: {env: FAKE_KEY}, limits: [100 requests/day], models: {a: {cost: {input: 1, output: 1}}}}
  openai: {key: {env: FAKE_KEY}, models: {b: {cost: {input: 1, output: 9}}}}
routes: {fast: [groq/a, openai/b], before: [groq/a]}
"""
LOAD = RateLoad(1_000 / DAY, START, DAY, {"dynamic/fast": 1}, tokens=(1_000, 1_000), spread=0)


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load_environment(tmp_path, FILE)


def deploy(monkeypatch: pytest.MonkeyPatch, **routes: Route) -> None:
    monkeypatch.setattr(compare, "deployed_routes", lambda *_, **__: routes)


def title_of(loaded: Loaded) -> str:
    return compare.comparison_table(compare.compare_with_deployed(loaded, LOAD, "1000/d")).title


def test_shares_and_costs_before_and_after(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(route_elements(require(loaded), "before"))
    deploy(monkeypatch, fast=Route("1", "fast", "1", graph))
    comparison = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    assert compare.comparison_table(comparison) == Table(
        "simulated 1000/d: answered 10.3% → 100%, 0.20 → 8.94 USD, p95 11.1 s",
        ("model", "share before", "share after", "USD before", "USD after"),
        (
            ("groq/a", "10.3%", "10.3%", "0.20", "0.20"),
            ("openai/b", "0%", "89.7%", "0.00", "8.74"),
            ("no model", "89.7%", "0%", "–", "–"),
        ),
    )
    document = compare.comparison_json(comparison)
    assert (document["load"], document["notCompared"]) == ("1000/d", None)
    assert (document["before"]["unanswered"], document["after"]["unanswered"]) == (874, 0)
    assert document["models"][1] == {
        "model": "openai/b",
        "before": {"share": 0, "cost": 0},
        "after": {"share": 874 / 974, "cost": 8.74},
    }


def test_equal_routes_have_equal_results(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch, fast=Route("1", "fast", "1", graph_of(route_elements(require(loaded), "fast"))))
    assert "→" not in title_of(loaded)


def test_a_route_that_is_not_deployed_is_simulated_alone(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch)
    title = title_of(loaded)
    assert title.startswith("simulated 1000/d: 974 requests, 100% answered, ")
    assert title.endswith("; not compared, dynamic/fast is not deployed yet")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CloudflareError("not found", status=404), "the gateway does not exist yet"),
        (RefusedError("the token is not valid"), "the token is not valid"),
    ],
)
def test_where_cloudflare_does_not_answer_nothing_is_compared(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(compare, "deployed_routes", fail)
    comparison = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    document = compare.comparison_json(comparison)
    assert (document["notCompared"], document["before"]) == (reason, None)
    assert {model["before"] for model in document["models"]} == {None}
    table = compare.comparison_table(comparison)
    assert table.title.endswith(f"; not compared, {reason}")
    assert table.headings == ("model", "share", "USD")


def test_a_preview_has_it_in_every_format(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = graph_of(route_elements(require(loaded), "before"))
    deploy(monkeypatch, fast=Route("1", "fast", "1", graph))
    result = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    simulated = SimulatedLoad(compare.comparison_table(result), compare.comparison_json(result))
    plan = Plan("dev", (), 3, simulation=simulated)
    document = preview_document([Outcome("dev", plan)])
    schema = json.loads((SCHEMAS / "preview.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document.json)
    assert document.json["environments"][0]["simulation"]["load"] == "1000/d"
    print_text(document, Screen())
    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert printed[:2] == ["dev no changes", ""]
    assert printed[2].startswith("simulated 1000/d: answered 10.3% → 100%")
    assert "openai/b 0% 89.7% 0.00 8.74" in printed
    markdown = to_markdown(document)
    assert "### ✅ `dev`: no changes" in markdown
    assert "#### Simulated 1000/d: answered 10.3% → 100%, 0.20 → 8.94 USD, p95 11.1 s\n" in markdown
    assert "| `openai/b` | 0% | 89.7% | 0.00 | 8.74 |" in markdown
