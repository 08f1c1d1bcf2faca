"""Latencies that a simulation takes from the log of a gateway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cloudflare.gateway_logs import LogEntry
from gatewright.operations.simulation.assumptions import Assumptions, ModelTiming
from gatewright.operations.simulation.document import document
from gatewright.operations.simulation.load import RateLoad
from gatewright.operations.simulation.measured import MIN_ANSWERS, Measured, measure_timings
from gatewright.operations.simulation.models import DEFAULT_TIMING, Timing
from gatewright.operations.simulation.report import tables
from gatewright.operations.simulation.simulate import simulate
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
  groq: {key: {env: FAKE_KEY}, models: {a: {id: fake/a}, b: {}, c: {}}}
routes: {fast: [groq/a, groq/b, groq/c]}
"""
FIELDS: tuple[Any, ...] = (
    "fake",
    START,
    "groq",
    "fake/a",
    "compat",
    200,
    True,
    False,
    1_000,
    5_000,
    100,
    0.0,
    0,
    "",
    "",
    {},
    {},
)
ENTRY = LogEntry(*FIELDS)
LOAD = RateLoad(100 / DAY, START, DAY, {"dynamic/fast": 1})


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load_environment(tmp_path, FILE)


def answers(count: int, first: float, per_token: float) -> list[LogEntry]:
    """Answers of more and more tokens."""
    return [
        replace(ENTRY, tokens_out=100 * number, duration=1_000 * (first + per_token * 100 * number))
        for number in range(1, count + 1)
    ]


def test_a_line_through_tokens_and_durations(loaded: Loaded) -> None:
    (measured,) = measure_timings(require(loaded), answers(20, first=0.3, per_token=0.002)).items()
    assert measured == ("groq/a", Measured(Timing(pytest.approx(0.3), pytest.approx(0.002)), 20))  # type: ignore[arg-type]


def test_answers_of_equal_length_scale_what_is_assumed(loaded: Loaded) -> None:
    timing = measure_timings(require(loaded), [replace(ENTRY, duration=3_000)] * MIN_ANSWERS)["groq/a"].timing
    assert (timing.first, timing.per_token) == (2 * DEFAULT_TIMING.first, 2 * DEFAULT_TIMING.per_token)


def test_too_few_answers_and_those_of_the_cache_measure_nothing(loaded: Loaded) -> None:
    entries = [
        *answers(MIN_ANSWERS - 1, 1, 0.01),
        replace(ENTRY, is_cached=True),
        replace(ENTRY, is_success=False),
    ]
    assert measure_timings(require(loaded), entries) == {}


def test_the_output_says_what_is_measured_and_what_is_assumed(loaded: Loaded) -> None:
    measured = {name: Measured(Timing(2, 0.005), 1_200) for name in ("groq/a", "groq/c")}
    result = simulate(loaded, LOAD, Assumptions(measured=measured, timings={"groq/c": 0.1}))
    assert set(result.timings) == {
        ModelTiming("groq/a", Timing(2, 0.005), "measured", 1_200),
        ModelTiming("groq/b", DEFAULT_TIMING),
        ModelTiming("groq/c", Timing(0.1, 0.005), "option"),
    }
    table = next(table for table in tables(result) if table.title == "latencies")
    assert sorted(table.rows) == [
        ("groq/a", "2.0 s", "200", "measured, 1,200 answers"),
        ("groq/b", "500 ms", "100", "assumed"),
        ("groq/c", "100 ms", "200", "--latency"),
    ]
    rows = {row["model"]: (row["source"], row["answers"]) for row in document(result)["latencies"]}
    assert rows == {"groq/a": ("measured", 1_200), "groq/b": ("assumed", 0), "groq/c": ("option", 0)}
