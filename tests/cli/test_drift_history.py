"""`gatewright drift --history`, without an engine: the findings are prepared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatewright.errors import ExitCode
from gatewright.operations.drift.model import Drift, Finding, FindingClass

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.project import Project

    from .project import Call

FINDING = Finding(FindingClass.CHANGED, "gateway", "agents-local", "logs: collect true → false", "gateway.logs", "up")


@pytest.fixture(autouse=True)
def _prepared_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Callable[..., Drift] = lambda _project, loaded, *_: Drift(loaded.name, (FINDING,))  # noqa: E731
    monkeypatch.setattr("gatewright.operations.drift.drift.find_drift", find)
    monkeypatch.setattr("gatewright.cli.local_cloudflare.start_local", lambda *_: None)


@pytest.mark.parametrize(("option", "runs"), [("--history", 2), ("--format=text", 0)])
def test_each_run_is_kept_with_the_option(call: Call, project: Project, option: str, runs: int) -> None:
    for _ in range(2):
        assert call("drift", "local", option).code == ExitCode.CHANGES
    file = project.work / "history/local/drift.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    assert len(lines) == runs
    for line in lines:
        (finding,) = json.loads(line)["findings"]
        assert (finding["class"], finding["name"], finding["counts"]) == ("changed", "agents-local", True)
