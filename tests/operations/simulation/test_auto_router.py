"""The Auto Router in a simulation: equal shares of its candidates, and bounds of its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.operations.simulation.document import document
from gatewright.operations.simulation.load import SHAPES, RateLoad
from gatewright.operations.simulation.report import tables
from gatewright.operations.simulation.simulate import simulate

from .environments import DAY, START, load_environment

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.operations.simulation.simulate import Simulation

FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake, policies: POLICIES}
providers:
  cloudflare: {models: {auto: {context: 200000, output: 32000}}}
  openai: {key: {env: FAKE_KEY}, models: {luna: {id: gpt-6-luna, cost: {input: 1, output: 2}}}}
  anthropic: {key: {env: FAKE_KEY}, models: {claude-opus-5-5: {cost: {input: 2, output: 10}}}}
roles: {coder: {primary: cloudflare/auto, fallbacks: [openai/luna]}}
clients:
  pi: {primary: cloudflare/auto, autoRouter: {models: MODELS}}
"""
PRICED = "[openai/gpt-6-luna, anthropic/claude-opus-5.5]"
NAMES = ("cloudflare/auto: openai/luna", "cloudflare/auto: anthropic/claude-opus-5-5")


def run(folder: Path, models: str, policies: str = "{}", target: str = "cloudflare/auto") -> Simulation:
    file = FILE.replace("MODELS", models).replace("POLICIES", policies)
    load = RateLoad(1_000 / DAY, START, DAY, {target: 1}, shape=SHAPES["flat"], tokens=(1_000, 100), spread=0)
    return simulate(load_environment(folder, file), load)


def test_the_candidates_of_the_clients_get_equal_shares(tmp_path: Path) -> None:
    result = run(tmp_path, PRICED)
    models = result.tally.by_model()
    assert set(models) == set(NAMES)
    assert models[NAMES[0]].answered == pytest.approx(models[NAMES[1]].answered, rel=0.2)
    auto = result.auto_router
    assert auto is not None
    assert (auto.candidates, auto.unpriced) == (2, ())
    assert auto.lowest == pytest.approx(auto.answered * 0.0012)
    assert auto.highest == pytest.approx(auto.answered * 0.003)
    assert auto.cost is not None
    assert auto.lowest < auto.cost == result.tally.total().cost < auto.highest
    (note,) = result.notes
    assert "equal shares of 2 models are a guess; the cost is between" in note
    answer = document(result)["autoRouter"]
    assert (answer["answered"], answer["unpriced"]) == (auto.answered, ())


def test_candidates_without_a_price_are_named(tmp_path: Path) -> None:
    result = run(tmp_path, "[openai/gpt-6-luna, xai/*]")
    assert result.auto_router is not None
    assert result.auto_router.unpriced == ("xai/grok-4.5", "xai/grok-4.6")
    assert result.auto_router.lowest == result.auto_router.highest
    assert result.auto_router.cost is None
    assert result.notes[0].endswith(
        "USD if 1 model with a price answered: the files have no price of xai/grok-4.5, xai/grok-4.6, which count as 0"
    )
    (table,) = (table for table in tables(result) if table.title.startswith("cloudflare/auto"))
    assert table.rows[0][1:4] == ("3", "1", "–")


def test_bounds_are_unknown_without_any_price(tmp_path: Path) -> None:
    (table,) = (table for table in tables(run(tmp_path, "[xai/*]")) if table.title.startswith("cloudflare/auto"))
    assert table.rows[0][2:] == ("0", "–", "–", "–")


def test_a_candidate_that_policies_refuse_is_followed_by_the_next(tmp_path: Path) -> None:
    policies = "{all: {effect: allow}, no-opus: {effect: deny, models: [anthropic/claude-opus-*]}}"
    result = run(tmp_path, PRICED, policies, "coder")
    assert set(result.tally.by_model()) == {NAMES[0]}
    assert {key[:2] for key in result.tally.refusals} == {("no-opus", NAMES[1])}
    assert not result.tally.unanswered


def test_a_role_goes_on_after_the_auto_router(tmp_path: Path) -> None:
    policies = "{all: {effect: allow}, no-opus: {effect: deny, models: [anthropic/claude-opus-*]}}"
    result = run(tmp_path, "[anthropic/claude-opus-5.5]", policies, "coder")
    assert set(result.tally.by_model()) == {"openai/luna"}
    assert result.auto_router is None
