"""`gatewright logs`: lines, JSON lines, masking, control characters, wrong options, Ctrl-C."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.cli.reports.log_lines import LogFormat
from gatewright.cloudflare.gateway_logs import log_entry
from gatewright.errors import CloudflareError, ExitCode
from gatewright.operations.logs import LogLine, LogReader
from gatewright.redaction.secret_mask import SecretMask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .project import Call

SECRET = "fake-secret-of-nobody"  # fake
ENTRY = log_entry(
    {
        "id": "e-1", "created_at": "2026-11-28T12:00:00.250Z", "provider": "groq", "model": "g", "status_code": 429,
        "success": False, "cached": True, "duration": 1234, "tokens_in": 10, "tokens_out": 5, "cost": 0.0012,
        "step": 1, "metadata": {"team": "search", "user": 7}, "path": "compat/chat/completions",
    }
)  # fmt: skip
LINE = LogLine(ENTRY, "groq/g", ("fast", "bulk"), "agents")
HOSTILE = f"\x1b[2J\u202e{SECRET}\r\n\x07"


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatewright.cli.local_cloudflare.start_local", lambda *_: None)


def formatted(line: LogLine, *, with_payloads: bool = False) -> tuple[list[str], dict[str, Any]]:
    log_format = LogFormat(SecretMask([SECRET]).text, with_payloads)
    document: dict[str, Any] = json.loads(log_format.json(line))
    return list(log_format.text(line)), document


def test_a_line() -> None:
    (text,), document = formatted(LINE)
    assert re.split(r" {2,}", text) == [
        "2026-11-28 12:00:00", "429", "groq/g", "fast or bulk step 2", "10+5", "0.0012", "1.2 s", "HIT",
        "agents", "team=search user=7",
    ]  # fmt: skip
    (heading,) = LogFormat(str).heading()
    assert heading.startswith("time (UTC)            status  model ")
    assert document["time"] == "2026-11-28T12:00:00.250Z"
    assert (document["status"], document["ok"], document["routes"]) == (429, False, ["fast", "bulk"])
    assert "request" not in document


def test_an_entry_is_a_paragraph_where_the_columns_do_not_fit() -> None:
    (heading,) = LogFormat(str).heading()
    wide, narrow = LogFormat(str, width=len(heading)), LogFormat(str, width=40)
    assert [*wide.heading()] == [heading]
    assert [*wide.text(LINE)] == [*LogFormat(str).text(LINE)]
    assert [*LogFormat(str, width=len(heading) - 1).heading()] == []
    assert [*narrow.text(LINE)] == [
        " 2026-11-28 12:00:00",
        "   status 429 · model groq/g · route",
        "   fast or bulk step 2 · tokens 10+5 ·",
        "   cost 0.0012 · duration 1.2 s · cache",
        "   HIT · token agents · metadata",
        "   team=search user=7",
    ]


def test_a_line_with_payloads() -> None:
    line = replace(LINE, request={"messages": [{"content": f"say {SECRET}"}]}, response=None)
    text, document = formatted(line, with_payloads=True)
    assert text[1] == "    request: {"
    assert text[-1] == "    response: (not collected)"
    assert document["request"] == {"messages": [{"content": "say [secret]"}]}
    assert document["response"] is None


def test_neither_secrets_nor_control_characters() -> None:
    entry = replace(ENTRY, metadata={HOSTILE: HOSTILE}, model=HOSTILE, user_agent=HOSTILE)
    line = LogLine(entry, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, {HOSTILE: [HOSTILE]})
    log_format = LogFormat(SecretMask([SECRET]).text, with_payloads=True)
    output = "\n".join([*log_format.text(line), log_format.json(line)])
    assert SECRET not in output
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", output)


def test_what_looks_like_a_key_is_masked() -> None:
    key = "gsk_FAKEfake0123456789FAKEfake0123456789FAKEfake01234567"
    text, document = formatted(replace(LINE, request=f"my key: {key}"), with_payloads=True)
    assert key not in "".join(text)
    assert document["request"] == "my key: …"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--status", "4"],
        ["--status", "bad"],
        ["--since", "yesterday"],
        ["--since", "2026-13-01"],
        ["--limit", "0"],
        ["--route", "nope"],
    ],
)
def test_a_wrong_command_line(call: Call, arguments: list[str]) -> None:
    assert call("logs", "local", *arguments).code == ExitCode.USAGE


def test_notes_of_an_empty_log(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LogReader, "last", lambda *_: [])
    monkeypatch.setattr(LogReader, "collects_logs", lambda _: True)
    result = call("logs", "local", "--since", "2026-11-01")
    assert (result.code, result.out) == (ExitCode.DONE, "")
    assert result.err.startswith("gatewright: no matching entry since 2026-11-01 00:00 UTC\n")
    monkeypatch.setattr(LogReader, "collects_logs", lambda _: False)
    assert "agents-local collects no logs: gateway.logs.collect is false" in call("logs", "local").err


def test_the_limit_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LogReader, "last", lambda _, limit: [LINE] * limit)
    result = call("logs", "local", "--limit", "2", "--format", "json")
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == ["e-1", "e-1"]
    assert result.err == "gatewright: the newest 2 entries; more with --limit\n"


def test_following_until_an_interrupt(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def follow(*_: object) -> Iterator[LogLine | CloudflareError]:
        yield LINE
        yield CloudflareError("Cloudflare did not answer")
        yield LINE
        raise KeyboardInterrupt

    monkeypatch.setattr(LogReader, "follow", follow)
    result = call("logs", "local", "--follow")
    assert result.code == ExitCode.INTERRUPTED
    assert [line.split()[0] for line in result.out.splitlines()] == ["time", "2026-11-28", "2026-11-28"]
    assert result.err.splitlines() == ["gatewright: Cloudflare did not answer; trying again", "", "interrupted"]
