"""What a simulation counts: answers, cost, limits that are reached, and requests without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.errors import UsageError
from gatewright.operations.simulation.assumptions import Assumptions
from gatewright.operations.simulation.document import document
from gatewright.operations.simulation.faults import Fault
from gatewright.operations.simulation.load import SHAPES, RateLoad, parse_rate
from gatewright.operations.simulation.report import summary
from gatewright.operations.simulation.simulate import check_targets, default_targets, simulate
from gatewright.workspace import require

from .environments import DAY, START, load_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatewright.environment.load import Loaded

FILE = """\
local: true
tokens: {agents: {}}
gateway: {name: fake, retry: {attempts: 1}}
providers:
  groq:
    key: {env: FAKE_KEY}
    plan: free
    plans: {free: {modelLimits: [100 requests/day]}}
    models: {a: {cost: {input: 1, output: 1}}}
  openai:
    key: {env: FAKE_KEY}
    models: {b: {cost: {input: 1, output: 10}}, old: {retired: 2025-01-01, use: openai/b, unverified: true}}
  workers-ai:
    limits: [1000 neurons/day]
    models: {w: {id: "@cf/fake/w", cost: {input: 11, output: 11}}}
routes:
  fast: [groq/a, openai/b]
  small: [workers-ai/w]
roles:
  coder: {primary: openai/old, fallbacks: [dynamic/small, dynamic/fast]}
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load_environment(tmp_path, FILE)


def load(targets: Mapping[str, float], requests: int = 1_000, seed: int = 0) -> RateLoad:
    return RateLoad(requests / DAY, START, DAY, targets, seed, tokens=(500, 500), spread=0)


def test_a_reached_limit_sends_requests_to_the_next_model(loaded: Loaded) -> None:
    result = simulate(loaded, load({"dynamic/fast": 1}))
    models = result.tally.by_model()
    assert models["groq/a"].answered == models["groq/a"].first == 100
    assert models["openai/b"].answered > 800
    assert models["openai/b"].first == 0
    assert result.tally.failures["groq/a"] == models["openai/b"].answered
    assert not result.tally.unanswered
    (limit,) = (limit for limit in result.limits if limit.rejections)
    assert (limit.place, limit.text, limit.windows) == ("groq/a", "100 requests/day", 1)
    assert limit.first is not None
    assert START < limit.first < START + DAY


def test_models_on_a_free_plan_cost_nothing(loaded: Loaded) -> None:
    models = simulate(loaded, load({"dynamic/fast": 1})).tally.by_model()
    assert models["groq/a"].cost == 0
    assert models["openai/b"].cost == pytest.approx(models["openai/b"].answered * 500 * 11 / 1e6)


def test_requests_beyond_the_last_limit_find_no_model(loaded: Loaded) -> None:
    """A request costs 0.011 USD, which is 1,000 neurons."""
    result = simulate(loaded, load({"dynamic/small": 1}))
    ((target, reason),) = result.tally.unanswered
    assert (target, reason) == ("dynamic/small", "1000 neurons/day of workers-ai")
    assert result.tally.total().answered == 1
    assert summary(result).endswith(f", {result.tally.unanswered[target, reason].requests:,} without a model")


def test_a_role_goes_on_to_its_fallbacks_and_their_routes(loaded: Loaded) -> None:
    result = simulate(loaded, load({"coder": 1}))
    assert result.tally.failures["openai/old"] > 900  # retired
    assert {name: answers.answered for name, answers in result.tally.by_model().items()}["workers-ai/w"] == 1
    assert not result.tally.unanswered


def test_equal_seeds_give_equal_results(loaded: Loaded) -> None:
    results = [
        document(simulate(loaded, load({"dynamic/fast": 2, "coder": 1}, seed=seed), seed=seed)) for seed in (1, 1, 2)
    ]
    assert results[0] == results[1]
    assert results[0] != results[2]
    shares = [target["requests"] for target in results[0]["targets"]]
    assert shares[1] == pytest.approx(2 * shares[0], rel=0.2)


def test_the_daily_shape_moves_requests_and_keeps_their_number() -> None:
    loads = [RateLoad(10_000 / DAY, START, DAY, {"x": 1}, shape=shape) for shape in SHAPES.values()]
    for requests in loads:
        times = [request.time for request in requests]
        assert times == sorted(times)
        assert len(times) == pytest.approx(10_000, rel=0.05)
    office = [int(request.time - START) // 3_600 for request in loads[-1]]
    assert set(office) == set(range(8, 18))


def test_tokens_have_the_given_means() -> None:
    requests = list(RateLoad(1, START, 20_000, {"x": 1}, tokens=(5_000, 500)))
    assert sum(request.tokens_in for request in requests) / len(requests) == pytest.approx(5_000, rel=0.05)
    assert sum(request.tokens_out for request in requests) / len(requests) == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize(("text", "rate"), [("600/h", 1 / 6), ("10/min", 1 / 6), ("1_000,000/day", 1e6 / DAY)])
def test_rates(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["600", "fast/h", "-1/h", "load.csv", "1/fortnight", ""])
def test_other_texts_are_not_rates(text: str) -> None:
    assert parse_rate(text) is None


def test_targets_are_routes_unless_others_are_named(loaded: Loaded) -> None:
    environment = require(loaded)
    assert default_targets(environment) == ["dynamic/fast", "dynamic/small"]
    check_targets(environment, ["coder", "dynamic/small", "groq/a"])
    with pytest.raises(UsageError, match="groq/x is not a route, a role or a model of dev"):
        check_targets(environment, ["groq/x"])


def test_a_slow_model_runs_into_its_timeout(loaded: Loaded) -> None:
    """The timeout of a route is 60 s, to the first token."""
    slow = Assumptions(faults=(Fault("groq", delay_ms=90_000),))
    result = simulate(loaded, load({"dynamic/fast": 1}, 90), slow)
    assert result.tally.failures["groq/a"] == result.tally.by_model()["openai/b"].answered
    latency = result.tally.total().percentile(0)
    assert latency is not None
    assert latency > 60
    fast = simulate(loaded, load({"dynamic/fast": 1}, 90), Assumptions(faults=(Fault("groq", delay_ms=1_000),)))
    assert not fast.tally.failures


def test_a_provider_rejects_calls_beyond_those_that_it_runs_at_the_same_time(loaded: Loaded) -> None:
    """Erlang's formula for lost calls: one arrives every second, takes 5.57 s on average, and two can run."""
    offered = 5.57
    lost = (offered**2 / 2) / (1 + offered + offered**2 / 2)
    flat = RateLoad(1, START, 600, {"openai/b": 1}, shape=SHAPES["flat"], tokens=(500, 500), spread=0)
    result = simulate(loaded, flat, Assumptions(concurrent={"openai": 2}))
    assert result.tally.total().answered == pytest.approx(600 * (1 - lost), rel=0.1)
    (limit,) = (limit for limit in result.limits if limit.rejections)
    assert limit.reason == "2 concurrent requests of openai"
    assert limit.windows == 10


def test_a_failing_provider_fails_within_its_time_only(loaded: Loaded) -> None:
    fault = Fault("openai", "b", start=START, end=START + DAY // 2, status=503)
    result = simulate(loaded, load({"openai/b": 1}), Assumptions(faults=(fault,)))
    assert [reason for _, reason in result.tally.unanswered] == ["status 503"]
    assert result.tally.total().answered > 400
