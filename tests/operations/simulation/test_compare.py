"""preview --simulate: the same load on the deployed routes and on those of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.cloudflare.dynamic_routes import Route, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.errors import CloudflareError, RefusedError
from gatewright.operations.simulation import compare
from gatewright.operations.simulation.load import RateLoad
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


def test_the_models_whose_share_or_cost_changes_are_listed(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(route_elements(require(loaded), "before"))
    deploy(monkeypatch, fast=Route("1", "fast", "1", graph))
    assert compare.compare_with_deployed(loaded, LOAD, "1000/d") == [
        "simulated 1000/d: answered 10.3% → 100.0%, 0.20 → 8.94 USD, p95 11.1 s",
        "simulated requests without a model: 874 → 0",
        "simulated openai/b: 0.0% → 89.7% of the requests, 0.00 → 8.74 USD",
    ]


def test_equal_routes_have_equal_results(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch, fast=Route("1", "fast", "1", graph_of(route_elements(require(loaded), "fast"))))
    (line,) = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    assert "→" not in line


def test_a_route_that_is_not_deployed_is_simulated_alone(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch)
    (line,) = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    assert line.startswith("simulated 1000/d: 974 requests, 100.0% answered, ")
    assert line.endswith("; not compared, dynamic/fast is not deployed yet")


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
    (line,) = compare.compare_with_deployed(loaded, LOAD, "1000/d")
    assert line.endswith(f"; not compared, {reason}")
