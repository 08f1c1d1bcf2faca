"""What `usage` reports: sums, limits, worth, fallbacks, and what is missing."""

from __future__ import annotations

import stat

import pytest
from local_account import LocalAccount

from gatewright.clock import parse_timestamp
from gatewright.errors import RefusedError, UsageError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import ACCOUNT_ANALYTICS_READ, AI_GATEWAY_READ, AI_GATEWAY_RUN
from gatewright.operations.usage.groups import latency
from gatewright.operations.usage.measure import parse_question
from gatewright.operations.usage.model import Latency, LimitUse, Row, Totals
from gatewright.project import Project

from .conftest import NOON, Measure

QUICK = {"provider": "groq", "model": "openai/quick"}
OSS = {"provider": "workers-ai", "model": "@cf/fake/oss"}


def limit_of(uses: tuple[LimitUse, ...], subject: str) -> LimitUse:
    (use,) = [use for use in uses if use.subject == subject]
    return use


def test_sums_by_model_and_day(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-25T23:59:00.000Z", **QUICK)
    account.add_entry("2026-11-27T10:00:00.000Z", **QUICK, cost=0.5)
    account.add_entry("2026-11-28T10:00:00.000Z", **QUICK, cost=0.25, success=False, duration=900)
    account.add_entry("2026-11-28T11:00:00.000Z", **QUICK, cached=True, cost=0, tokens_in=0, tokens_out=0)
    account.add_entry("2026-11-28T11:00:00.000Z", provider="groq", model="gone")
    result = usage()
    assert result.totals == Totals(4, 1, 1, 30, 15, 0.751)
    assert (result.totals.cached_share, result.totals.error_share) == (0.25, 0.25)
    assert result.rows == result.models
    assert result.rows == (
        Row("groq/quick", Totals(3, 1, 1, 20, 10, 0.75), Latency(100, 900)),
        Row("groq/gone", Totals(1, 0, 0, 10, 5, 0.001), Latency(100, 100)),
    )
    assert [(row.name, row.totals.requests) for row in result.days] == [
        ("2026-11-26", 0),
        ("2026-11-27", 1),
        ("2026-11-28", 3),
    ]
    assert "not declared in prod: groq/gone" in result.notes


def test_limits_of_today(account: LocalAccount, usage: Measure) -> None:
    for _ in range(30):
        account.add_entry("2026-11-27T10:00:00.000Z", **QUICK)
    for _ in range(60):
        account.add_entry("2026-11-28T10:00:00.000Z", **QUICK)
    account.add_entry("2026-11-28T01:00:00.000Z", **OSS, tokens_in=60_000, tokens_out=50_000, cost=1)
    result = usage()
    midnight, next_midnight = parse_timestamp("2026-11-28"), parse_timestamp("2026-11-29")
    requests = limit_of(result.limits, "groq/quick")
    assert requests == LimitUse(
        "groq/quick", "100 requests/day", "requests", 60, 100, midnight, next_midnight, NOON + 28_800
    )
    assert requests.share == 0.6
    neurons = limit_of(result.limits, "workers-ai")
    assert neurons.share == pytest.approx(1)
    assert neurons.gone_at == parse_timestamp("2026-11-28T02:00:00Z")
    assert limit_of(result.limits, "spend rule daily").used == pytest.approx(1.06)
    assert "spend rules that count by metadata are not measured: teams" in result.notes
    assert result.neurons == pytest.approx(10_000)
    assert [worth.provider for worth in result.worth] == ["workers-ai", "groq"]
    assert [worth.usd for worth in result.worth] == pytest.approx([0.11, 90 * 20 / 1e6])


def test_steps_of_routes(account: LocalAccount, usage: Measure) -> None:
    for _ in range(3):
        account.add_entry("2026-11-28T10:00:00.000Z", **QUICK)
    account.add_entry("2026-11-28T10:00:00.000Z", **QUICK, event_id="one", success=False)
    account.add_entry("2026-11-28T10:00:01.000Z", **OSS, event_id="one", step=1)
    result = usage()
    assert [(step.route, step.step, step.model, step.requests, step.share) for step in result.steps] == [
        ("fast", 0, "groq/quick", 3, 0.75),
        ("fast", 1, "workers-ai/oss", 1, 0.25),
    ]


def test_rows_that_only_the_log_has(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-28T10:00:00.000Z", **QUICK, metadata={"team": "search"})
    account.add_entry("2026-11-28T10:00:00.000Z", **QUICK, metadata={"team": "ads", "x": "<b>"})
    account.add_entry("2026-11-28T10:00:00.000Z", **OSS)
    counts = {
        by: {row.name: row.totals.requests for row in usage(by=by).rows}
        for by in ("metadata.team", "metadata.x", "token", "route", "provider", "hour")
    }
    assert counts == {
        "metadata.team": {"search": 1, "ads": 1, "(not set)": 1},
        "metadata.x": {"<b>": 1, "(not set)": 2},
        "token": {"agents": 1, "batch": 1, "(unknown)": 1},
        "route": {"fast": 2, "(no route)": 1},
        "provider": {"groq": 2, "workers-ai": 1},
        "hour": {"2026-11-28 10:00": 3},
    }


def test_finished_days_are_asked_once(account: LocalAccount, usage: Measure, project: Project) -> None:
    account.add_entry("2026-11-27T10:00:00.000Z", **QUICK, request="a prompt", prompts=["a prompt"])
    first = usage()
    asked = len(account.calls)
    account.calls.clear()
    assert usage().totals == first.totals
    assert len(account.calls) < asked
    folder = project.work / "usage"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {
        "log-2026-11-27.json",
        "requests-2026-11-27.json",
        "neurons-2026-11-27.json",
    }
    assert not any("2026-11-28" in path.name for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any("prompt" in path.read_text(encoding="utf-8") for path in files)


def test_the_cache_answers_without_a_call(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-27T10:00:00.000Z", **QUICK)
    usage()
    account.calls.clear()
    result = usage(offline=True)
    assert (result.totals.requests, account.calls) == (1, [])
    assert any("1 day not in the cache" in note for note in result.notes)


def test_a_damaged_file_of_the_cache_is_ignored(account: LocalAccount, usage: Measure, project: Project) -> None:
    account.add_entry("2026-11-27T10:00:00.000Z", **QUICK)
    usage()
    for path in (project.work / "usage").rglob("*.json"):
        path.write_text("{", encoding="utf-8")
    assert usage().totals.requests == 1


def test_a_busy_day_takes_at_most_20_calls(account: LocalAccount, usage: Measure) -> None:
    for number in range(1000):
        account.add_entry(f"2026-11-28T10:{number // 60:02}:{number % 60:02}.000Z", **QUICK)
    account.calls.clear()
    result = usage("1d")
    assert result.totals.requests == 1000
    assert len(account.calls) <= 20
    assert "latencies, routes, tokens and metadata are those of a sample: 750 of 1,000 log entries" in result.notes


def test_without_the_permission_for_analytics_the_log_is_counted(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-28T10:00:00.000Z", **OSS, tokens_in=10_000, tokens_out=10_000)
    result = usage(token=account.token(AI_GATEWAY_READ))
    assert result.totals.requests == 1
    assert limit_of(result.limits, "workers-ai").is_estimate
    assert limit_of(result.limits, "workers-ai").used == pytest.approx(1000)
    assert any(f"USAGE_TOKEN lacks Account Analytics Read on account {LOCAL_ACCOUNT}" in note for note in result.notes)


def test_without_the_permission_for_logs_the_rest_is_shown(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-28T10:00:00.000Z", **QUICK)
    result = usage(token=account.token(ACCOUNT_ANALYTICS_READ))
    assert (result.totals.requests, result.latency) == (1, None)
    assert any(f"USAGE_TOKEN lacks AI Gateway Read on account {LOCAL_ACCOUNT}" in note for note in result.notes)


def test_without_any_permission_it_is_refused(account: LocalAccount, usage: Measure) -> None:
    with pytest.raises(RefusedError, match="USAGE_TOKEN may read neither analytics nor logs") as error:
        usage(token=account.token(AI_GATEWAY_RUN))
    assert error.value.hint is not None
    assert "Account Analytics Read" in error.value.hint


def test_an_environment_without_requests(usage: Measure) -> None:
    result = usage()
    assert (result.totals, result.rows, result.latency) == (Totals(), (), None)
    assert limit_of(result.limits, "workers-ai").share == 0


def test_a_gateway_that_does_not_exist(account: LocalAccount, usage: Measure) -> None:
    account.store.execute("DELETE FROM gateways")
    assert any("has no log of gateway default" in note for note in usage().notes)


def test_a_clock_that_is_behind(account: LocalAccount, usage: Measure) -> None:
    account.add_entry("2026-11-28T12:20:00.000Z", **QUICK)
    assert any("ahead of this machine's clock" in note for note in usage().notes)


def test_percentiles() -> None:
    assert latency([]) is None
    assert latency([5]) == Latency(5, 5)
    assert latency(range(100, 0, -1)) == Latency(50, 95)


@pytest.mark.parametrize(
    ("since", "by", "message"),
    [
        ("soon", "model", "--since: expected a duration, a date or an RFC 3339 timestamp, found soon"),
        ("90d", "model", "--since: 90d is not from 1h to 62d ago"),
        ("1m", "model", "--since: 1m"),
        ("7d", "colour", "--by: colour is unknown"),
        ("7d", "metadata.", "--by: metadata. is unknown"),
    ],
)
def test_a_wrong_question(since: str, by: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_question(NOON, since, by)


@pytest.mark.parametrize(
    ("since", "start"),
    [
        ("2d", "2026-11-26T00:00:00Z"),
        ("2026-11-26", "2026-11-26T00:00:00Z"),
        ("2026-11-28T10:30:00Z", "2026-11-28T10:00:00Z"),
    ],
)
def test_the_period_starts_at_a_time_or_a_duration_ago(since: str, start: str) -> None:
    assert parse_question(NOON, since, "model").since == parse_timestamp(start)
