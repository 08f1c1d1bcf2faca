"""Kept results: what is written, what is read, broken lines, and the reliability of providers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewright.operations.drift.model import Drift, Finding, FindingClass, Ignored
from gatewright.operations.history import (
    DriftRun,
    FindingRecord,
    History,
    ProbeRecord,
    VerifyRun,
    keep_run,
    read_drift_history,
    read_verify_history,
    record_drift,
    record_verification,
)
from gatewright.operations.probe.diagnosis import Failure
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.verify import ProbeResult, Verification
from gatewright.operations.reliability import FailureRecord, provider_reliability
from gatewright.project import Project

NOON = 1_796_040_000  # 2026-11-30T12:00:00Z
DAY = 86_400
SECRET = "gsk_FAKEfake0123456789FAKEfake0123456789FAKEfake01234567"  # fake
VERIFICATION = Verification(
    "prod",
    (
        ProbeResult("dynamic/fast", Answer(200, "groq/g", seconds=0.2124)),
        ProbeResult("mistral/m", Answer(401, seconds=1.9, failure=Failure("key-refused", f"no: {SECRET}", SECRET))),
        ProbeResult(
            "groq/g", Answer(200, "groq/g", seconds=0.1), second=Answer(200, failure=Failure("not-cached", "c", "f"))
        ),
    ),
    (),
    3.5,
)
RUN = VerifyRun(
    NOON,
    "prod",
    (
        ProbeRecord("dynamic/fast", ok=True, answered=True, failure=None, ms=212, answered_by="groq/g"),
        ProbeRecord("mistral/m", ok=False, answered=False, failure="key-refused", ms=1900, answered_by=None),
        ProbeRecord("groq/g", ok=False, answered=True, failure="not-cached", ms=100, answered_by="groq/g"),
    ),
)
DRIFT = Drift(
    "prod",
    (
        Finding(FindingClass.CHANGED, "gateway", "agents", f"key: {SECRET} → none", "gateway.logs", "up"),
        Finding(FindingClass.DUE, "token", "t", "due", "tokens.t", "up"),
        Finding(FindingClass.ORPHAN, "route", "r", "", "routes.r", "", ignored=Ignored("known", None)),
    ),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def file(project: Project, name: str = "verify.jsonl") -> Path:
    return project.work / "history/prod" / name


def test_a_kept_verification_is_read_again(project: Project) -> None:
    assert record_verification(VERIFICATION, NOON) == RUN
    keep_run(project, RUN)
    keep_run(project, RUN)
    assert read_verify_history(project, "prod") == History((RUN, RUN))
    assert read_verify_history(project, "dev") == History()


def test_a_kept_drift_is_read_again(project: Project) -> None:
    run = record_drift(DRIFT, NOON)
    keep_run(project, run)
    assert read_drift_history(project, "prod") == History((run,))
    first = FindingRecord("changed", "gateway", "agents", "gateway.logs", "key: … → none", counts=True)
    assert run.drifted == (first,)
    assert [finding.class_ for finding in run.findings] == ["changed", "due", "orphan"]


def test_no_secret_is_written(project: Project) -> None:
    keep_run(project, record_verification(VERIFICATION, NOON))
    keep_run(project, record_drift(DRIFT, NOON))
    texts = [file(project, name).read_text() for name in ("verify.jsonl", "drift.jsonl")]
    assert not any(SECRET in text or SECRET[8:] in text for text in texts)
    assert [json.loads(text)["time"] for text in texts] == ["2026-11-30T12:00:00Z"] * 2


def test_a_cut_last_line_is_skipped_and_reported(project: Project) -> None:
    keep_run(project, RUN)
    whole = file(project).read_bytes()
    file(project).write_bytes(whole + whole[:50])
    broken = ("1 broken line skipped in .gatewright/history/prod/verify.jsonl: 2",)
    assert read_verify_history(project, "prod") == History((RUN,), broken)
    keep_run(project, RUN)
    assert read_verify_history(project, "prod") == History((RUN, RUN), broken)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"time": "yesterday", "environment": "prod", "results": []}',
        b'{"time": "2026-11-30T12:00:00Z", "environment": "prod", "results": [{"name": 1}]}',
        b'{"time": "2026-11-30T12:00:00Z", "environment": "prod", "results": ["x"]}',
        b'{"time": 3, "environment": "prod", "results": []}',
    ],
)
def test_a_line_of_another_form_is_skipped(project: Project, line: bytes) -> None:
    keep_run(project, RUN)
    with file(project).open("ab") as open_file:
        open_file.write(line + b"\n")
    history = read_verify_history(project, "prod")
    assert history.runs == (RUN,)
    assert len(history.notes) == 1


def test_an_environment_that_is_not_deployed(project: Project) -> None:
    run = record_drift(Drift("prod", (), is_deployed=False), NOON)
    keep_run(project, run)
    assert read_drift_history(project, "prod").runs == (DriftRun(NOON, "prod", is_deployed=False, findings=()),)


def record(name: str, failure: str | None = None, *, answered: bool = False) -> ProbeRecord:
    return ProbeRecord(name, failure is None, failure is None or answered, failure, 100, None)


def test_the_reliability_of_providers() -> None:
    runs = [
        VerifyRun(NOON - 9 * DAY, "prod", (record("groq/g", "provider-limit"), record("mistral/m"))),
        VerifyRun(NOON, "prod", (record("groq/g"), record("groq/h", "not-cached", answered=True), record("dynamic/f"))),
        VerifyRun(NOON, "prod", (record("mistral/m", "not-asked"),)),
    ]
    routes, groq, mistral = provider_reliability(runs, NOON)
    assert (routes.provider, routes.sent, routes.answered, routes.last_failure) == ("dynamic", 1, 1, None)
    assert (groq.sent, groq.answered, groq.recently_sent, groq.recently_answered) == (3, 2, 2, 2)
    assert groq.last_failure == FailureRecord(NOON - 9 * DAY, "groq/g", "provider-limit")
    assert (mistral.sent, mistral.recently_sent, mistral.share, mistral.since) == (1, 0, 1.0, NOON - 9 * DAY)
