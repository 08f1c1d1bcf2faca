"""Gateway policies in a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.gateway_policies import evaluate, period_end
from gatewright.facts.spend_rules import matches
from gatewright.operations.simulation import policies
from gatewright.operations.simulation.document import document
from gatewright.operations.simulation.load import SHAPES, RateLoad, VariedLoad
from gatewright.operations.simulation.report import summary, tables
from gatewright.operations.simulation.simulate import simulate

from .environments import DAY, START, load_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatewright.facts.gateway_policies import Evaluation, PolicyRequest
    from gatewright.operations.simulation.simulate import Simulation

FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake, policies: POLICIES}
providers:
  groq: {key: {env: FAKE_KEY}, models: {a: {cost: {input: 1, output: 1}}}}
  openai: {key: {env: FAKE_KEY}, models: {b: {cost: {input: 1, output: 1}}}}
routes: {fast: [groq/a, openai/b], only: [groq/a]}
"""
TEAMS = ("red", "blue")


def run(folder: Path, declared: str, target: str = "dynamic/fast", days: int = 1, requests: int = 1_000) -> Simulation:
    """A load of two teams; a request costs 0.001 USD."""
    load = RateLoad(requests / DAY, START, days * DAY, {target: 1}, shape=SHAPES["flat"], tokens=(500, 500), spread=0)
    loaded = load_environment(folder, FILE.replace("POLICIES", declared))
    return simulate(loaded, VariedLoad(load, 0, {"team": TEAMS}))


def named(result: Simulation, title: str) -> tuple[tuple[str, ...], ...]:
    return next((table.rows for table in tables(result) if table.title == title), ())


def test_a_refused_model_is_followed_by_the_next_one(tmp_path: Path) -> None:
    result = run(
        tmp_path, "{all: {effect: allow}, no-groq: {effect: deny, providers: [groq], when: metadata.team=='red'}}"
    )
    models = result.tally.by_model()
    calls = result.tally.refusals["no-groq", "groq/a", "dynamic/fast"]
    assert not result.tally.unanswered
    assert models["openai/b"].answered == calls
    assert models["groq/a"].answered == pytest.approx(calls, rel=0.2)
    assert named(result, "refused by gateway policies") == (("no-groq", "groq/a", "dynamic/fast", f"{calls:,}"),)


def test_requests_without_a_model_name_the_policy(tmp_path: Path) -> None:
    result = run(tmp_path, "{one: {effect: allow, when: metadata.team=='red'}}", "dynamic/only")
    ((target, reason), entry) = next(iter(result.tally.unanswered.items()))
    assert (target, reason) == ("dynamic/only", "refused, no policy allows it")
    assert summary(result).endswith(f", {entry.requests:,} without a model ({entry.requests:,} refused by policies)")
    answer = document(result)
    assert answer["refused"] == entry.requests
    assert answer["refusals"] == [
        {"policy": None, "model": "groq/a", "target": "dynamic/only", "calls": entry.requests}
    ]


def test_a_budget_is_shared_by_its_actor_until_the_calendar_period_ends(tmp_path: Path) -> None:
    declared = "{teams: {effect: allow, limit: 0.1 USD/day, actor: 'team:{metadata.team}'}}"
    result = run(tmp_path, declared, "dynamic/only", days=2)
    assert result.tally.total().answered == pytest.approx(2 * 2 * 100, abs=8)  # calls on the way may exceed it
    (limit,) = (limit for limit in result.limits if limit.rejections)
    assert (limit.place, limit.text, limit.windows) == ("policy teams", "0.1 USD/day", 2)


def test_policies_with_one_actor_and_resource_share_a_counter(tmp_path: Path) -> None:
    """Red may go on up to its higher limit, also beyond what blue spent."""
    limits = {"blue": 0.05, "red": 0.1}
    declared = ", ".join(
        f"{team}: {{effect: allow, limit: {limit} USD/day, when: metadata.team=='{team}'}}"
        for team, limit in limits.items()
    )
    result = run(tmp_path, f"{{{declared}}}", "dynamic/only")
    assert result.tally.total().answered == pytest.approx(100, abs=4)
    assert {limit.place for limit in result.limits if limit.rejections} == {"policy blue", "policy red"}


def test_a_country_is_assumed_and_said_so(tmp_path: Path) -> None:
    declared = "{de: {effect: allow, when: cf.country=='DE'}, us: {effect: deny, when: cf.country=='US'}}"
    result = run(tmp_path, declared)
    assert not result.tally.unanswered
    assert result.notes == (
        "the country of requests is not simulated: of de, us, an allow is taken to apply and a deny is not",
    )


def test_policies_are_evaluated_once_for_equal_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[PolicyRequest] = []

    def count(declared: Sequence[Mapping[str, Any]], request: PolicyRequest) -> Evaluation:
        evaluated.append(request)
        return evaluate(declared, request)

    monkeypatch.setattr(policies, "evaluate", count)
    run(tmp_path, "{all: {effect: allow}, no-red: {effect: deny, when: metadata.team=='red'}}", requests=5_000)
    assert len(evaluated) == 3  # groq/a for each team, and openai/b for the one that is refused


def test_spend_limits_are_found_once_for_equal_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Mapping[str, Any]] = []

    def count(rule: Mapping[str, Any], provider: str, model: str, metadata: Mapping[str, Any]) -> bool:
        found.append(metadata)
        return matches(rule, provider, model, metadata)

    monkeypatch.setattr(policies, "matches", count)
    limits = "[{id: teams, limit: 0.1 USD/day, metadata: {team: each}}]"
    result = run(tmp_path, f"{{all: {{effect: allow}}}}, spendLimits: {limits}", "dynamic/only")
    assert len(found) == 2  # one for each team
    assert result.tally.total().answered == pytest.approx(2 * 100, abs=4)


@pytest.mark.parametrize(("period", "days"), [("hourly", 1 / 24), ("daily", 1), ("weekly", 6), ("monthly", 31)])
def test_the_end_of_a_calendar_period(period: str, days: float) -> None:
    """START is a Tuesday, the first of December."""
    assert period_end(period, START) == period_end(period, START + 3_599) == START + days * DAY
