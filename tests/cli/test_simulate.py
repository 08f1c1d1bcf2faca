"""What simulate prints, and the options of preview that simulate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.errors import ExitCode
from gatewright.operations.usage.day_cache import DayCache

if TYPE_CHECKING:
    from gatewright.project import Project

    from .project import Call

RATE = ("--load", "60/h", "--start", "2026-12-01")


def test_the_tables_say_who_answers_and_which_limit_is_reached(call: Call) -> None:
    result = call("simulate", "local", *RATE, "--fault", "mistral,status=503,from=1h")
    assert result.code == ExitCode.DONE, result.err
    assert result.out.startswith("local · 2026-12-01 00:00 UTC to 2026-12-02 00:00 UTC, seed 0: ")
    for title in ("models", "routes and roles", "limits reached", "requests without a model"):
        assert f"\n{title}\n" in result.out
    assert "10000 neurons/day of workers-ai" in result.out


def test_json_has_figures_and_is_the_same_for_the_same_seed(call: Call) -> None:
    documents = [
        json.loads(call("simulate", "local", *RATE, "--seed", seed, "--on", "dynamic/bulk", "--format", "json").out)
        for seed in ("3", "3", "4")
    ]
    assert documents[0] == documents[1] != documents[2]
    first = documents[0]
    assert (first["environment"], first["from"], first["seed"]) == ("local", "2026-12-01T00:00:00Z", 3)
    assert first["requests"] == first["answered"] + first["unanswered"] == sum(t["requests"] for t in first["targets"])
    assert [target["target"] for target in first["targets"]] == ["dynamic/bulk"]
    assert first["models"][0].keys() == {
        "model", "answered", "answeredByFirst", "cached", "tokensIn", "tokensOut", "cost", "latency", "failedCalls"
    }  # fmt: skip


def test_markdown(call: Call) -> None:
    out = call("simulate", "local", *RATE, "--format", "markdown").out
    assert out.startswith("# Simulation of `local`\n\n2026-12-01 00:00 UTC")
    assert "\n| `mistral/mistral-small` |" in out


def test_broken_lines_of_a_file_are_named(call: Call, project: Project) -> None:
    (project.root / "load.csv").write_text("time,route\n2026-12-01,fast\nsoon,fast\n")
    result = call("simulate", "local", "--load", "load.csv")
    assert result.code == ExitCode.DONE
    assert "seed 0: 1 request, " in result.out
    assert "gatewright: load.csv:3: time: expected a timestamp or seconds since 1970, found soon\n" in result.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "a simulation takes a load, or replays the log"),
        ((*RATE, "--on", "dynamic/fats"), "dynamic/fats is not a route, a role or a model of local"),
        ((*RATE, "--concurrent", "grok=1"), "--concurrent grok: local has no such provider"),
        ((*RATE, "--latency", "groq/x=1s"), "--latency groq/x: local has no such model"),
        ((*RATE, "--fault", "groq/nothing,reset"), "--fault groq/nothing: matches no model of local"),
    ],
)
def test_wrong_options_are_refused(call: Call, options: tuple[str, ...], message: str) -> None:
    result = call("simulate", "local", *options)
    assert result.code == ExitCode.USAGE
    assert message in result.err


def test_latencies_come_from_the_days_that_usage_has_kept(
    call: Call, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "fa4eacc0" * 4
    monkeypatch.setenv("PROD_CLOUDFLARE_ACCOUNT_ID", account)
    monkeypatch.setenv("GATEWRIGHT_NOW", "2026-12-01")
    values = ["fake", 1_796_000_000, "groq", "openai/gpt-oss-20b", "compat", 200, True, False, 3_000, 9, 100, 0, 0]
    entries = [[*values, "", "", {}] for _ in range(10)]
    cache = DayCache(project.work / "usage" / account / "agents-prod")
    cache.write("log", "2026-11-30", {"total": 10, "pages": 1, "entries": entries})
    out = call("simulate", "prod", *RATE, "--on", "groq/gpt-oss-20b").out
    assert "measured, 10 answers" in out
    assert "assumed" in call("simulate", "prod", *RATE, "--on", "mistral/mistral-small").out
