"""The report of `usage`: text, JSON, Markdown, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.cli.reports.usage import bar, print_text, print_usage
from gatewright.cli.screen import Screen
from gatewright.clock import parse_timestamp
from gatewright.errors import ExitCode
from gatewright.operations.batch import Outcome
from gatewright.operations.probe.limit_headers import ReportedLimit
from gatewright.operations.reported_limits import KeptLimit
from gatewright.operations.usage.model import Latency, LimitUse, RouteStep, Row, Totals, Usage, Worth

DAY = parse_timestamp("2026-11-28")
NOON = DAY + 12 * 3600
TOTALS = Totals(12_345, 1_234, 100, 2_500_000, 40_000, 4.5)
USAGE = Usage(
    environment="prod",
    gateway="agents-prod",
    since=DAY,
    until=NOON,
    by="metadata.team",
    totals=TOTALS,
    rows=(Row("<b>@here</b> | \x1b[31m", TOTALS, Latency(812, 14_120)), Row("ads", Totals(3, cost=0.0012))),
    days=(Row("2026-11-28", TOTALS),),
    models=(Row("groq/quick", TOTALS),),
    latency=Latency(812, 14_120),
    steps=(RouteStep("fast", 0, "groq/quick", 9, 0.9), RouteStep("fast", 1, "workers-ai/oss", 1, 0.1)),
    limits=(
        LimitUse("workers-ai", "10000 neurons/day", "neurons", 12_000, 10_000, DAY, DAY + 86_400, NOON - 3600),
        LimitUse("groq/quick", "1000 requests/day", "requests", 600, 1000, DAY, DAY + 86_400, NOON + 3600),
        LimitUse("spend rule daily", "5 USD/day", "USD", 0.5, 5, DAY, DAY + 86_400, None, is_estimate=True),
    ),
    worth=(Worth("workers-ai", 0.132), Worth("groq", 2)),
    neurons=12_000,
    log_entries=750,
    log_total=12_345,
    notes=("not declared in prod: groq/<i>gone</i>",),
)
REPORTED = (
    KeptLimit("groq/quick", NOON, ReportedLimit("requests", 12, 30)),
    KeptLimit("groq/quick", NOON, ReportedLimit("tokens/minute", 7500)),
)
EMPTY = replace(
    USAGE,
    totals=Totals(),
    rows=(),
    days=(),
    models=(),
    latency=None,
    steps=(),
    limits=(),
    worth=(),
    neurons=None,
    notes=(),
)


def printed(form: str, capsys: pytest.CaptureFixture[str], *usages: Usage, warn_at: float | None = None) -> str:
    outcomes: Sequence[Outcome[Usage]] = [Outcome(usage.environment, usage) for usage in usages]
    print_usage(outcomes, form, 65_536, warn_at)
    return capsys.readouterr().out


def test_what_providers_said_is_shown_beside_the_limits(capsys: pytest.CaptureFixture[str]) -> None:
    usage = replace(USAGE, reported=REPORTED)
    text = "\n".join(" ".join(line.split()) for line in printed("text", capsys, usage).splitlines())
    assert "provider said left at\ngroq/quick 12 of 30 requests 2026-11-28 12:00 UTC\n" in text
    assert "groq/quick 7,500 tokens/minute 2026-11-28 12:00 UTC" in text
    assert "| `groq/quick` | 12 of 30 requests | 2026-11-28 12:00 UTC |" in printed("markdown", capsys, usage)
    (environment,) = json.loads(printed("json", capsys, usage))["environments"]
    assert environment["reported"][0] == {
        "model": "groq/quick",
        "unit": "requests",
        "remaining": 12,
        "limit": 30,
        "time": "2026-11-28T12:00:00Z",
    }


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("text", capsys, USAGE).splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert lines[0] == "prod: gateway agents-prod, 2026-11-28 00:00 to 2026-11-28 12:00 UTC"
    assert lines[1] == (
        "  12,345 requests · 0.8% errors · 10% from the cache · 2.5M tokens in, 40.0k out · 4.50 USD · "
        "12.0k neurons of the account · p50 812 ms, p95 14.1 s"
    )
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert "workers-ai 10000 neurons/day ████████████ 12.0k 120% since 2026-11-28 11:00 UTC" in text
    assert "groq/quick 1000 requests/day ███████░░░░░ 600 60% 2026-11-28 13:00 UTC at this rate" in text
    assert "spend rule daily 5 USD/day █░░░░░░░░░░░ about 0.50 10% –" in text
    assert "fast 2 workers-ai/oss 1 10%" in text
    assert "free capacity used, in paid prices: 2.13 USD (workers-ai 0.13, groq 2.00)" in text
    assert "! not declared in prod: groq/<i>gone</i>" in text
    assert "\x1b" not in text


def test_a_narrow_terminal_gets_paragraphs(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.moves, screen.console.width = True, 60
    print_text(screen, USAGE, None)
    text = capsys.readouterr().out
    assert " workers-ai\n   limit 10000 neurons/day" in text
    assert "used up since 2026-11-28 11:00 UTC" in " ".join(text.split())


def test_text_without_requests(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.strip() for line in printed("text", capsys, EMPTY).splitlines()] == [
        "prod: gateway agents-prod, 2026-11-28 00:00 to 2026-11-28 12:00 UTC",
        "no requests",
    ]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = json.loads(printed("json", capsys, USAGE, warn_at=0.6))["environments"]
    assert (entry["name"], entry["since"], entry["by"]) == ("prod", "2026-11-28T00:00:00Z", "metadata.team")
    assert entry["totals"]["requests"] == 12_345
    assert entry["rows"][0]["name"] == "<b>@here</b> | \x1b[31m"
    assert entry["beyond"] == ["workers-ai", "groq/quick"]
    assert entry["limits"][1]["goneAt"] == "2026-11-28T13:00:00Z"


def test_markdown_escapes_names(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed("markdown", capsys, USAGE, EMPTY, warn_at=0.8)
    assert "## Usage of `prod`\n\nFrom 2026-11-28 00:00 to" in text
    assert "**Beyond 80%:** `workers-ai` 120% of 10000 neurons/day" in text
    assert "| `<b>@here</b> \\| �[31m` | 12,345 |" in text
    assert "groq/\\<i>gone\\</i>" in text
    assert "no requests" in text


def test_only_the_first_rows_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    usage = replace(USAGE, rows=tuple(Row(f"team {number}", Totals(1)) for number in range(60)))
    for form in ("text", "markdown"):
        text = printed(form, capsys, usage)
        assert "team 49" in text
        assert "team 50" not in text
        assert "10 more rows" in text


def test_bars() -> None:
    assert [bar(share) for share in (0, 0.5, 3)] == ["░" * 12, "█" * 6 + "░" * 6, "█" * 12]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--warn-at", "lots"], "lots is not a percentage"),
        (["--since", "soon"], "found soon"),
        (["--by", "colour"], "colour is unknown"),
    ],
)
def test_a_wrong_command_line(
    options: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert run(["usage", "prod", *options]) == ExitCode.USAGE
    assert message in capsys.readouterr().err
