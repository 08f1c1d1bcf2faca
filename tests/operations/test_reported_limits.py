"""What providers said of their limits, kept for `usage`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gatewright.operations.probe.limit_headers import ReportedLimit
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.verify import ProbeResult
from gatewright.operations.reported_limits import KeptLimit, keep_limits, read_limits
from gatewright.project import Project

REQUESTS, TOKENS = ReportedLimit("requests", 12, 30), ReportedLimit("tokens", 5)


def answered(model: str, *limits: ReportedLimit) -> ProbeResult:
    return ProbeResult(model, Answer(200, model, limits=limits, limited_model=model))


def test_the_newest_limits_of_each_model_are_kept(tmp_path: Path) -> None:
    project = Project(tmp_path)
    keep_limits(project, "prod", [answered("groq/b", REQUESTS, TOKENS), answered("groq/a", TOKENS)], 100)
    keep_limits(project, "prod", [answered("groq/b", REQUESTS), answered("groq/c")], 200)
    assert read_limits(project, "prod") == (KeptLimit("groq/a", 100, TOKENS), KeptLimit("groq/b", 200, REQUESTS))
    assert read_limits(project, "dev") == ()
    file = tmp_path / ".gatewright/history/prod/limits.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_written_without_a_limit(tmp_path: Path) -> None:
    keep_limits(Project(tmp_path), "prod", [answered("groq/b"), ProbeResult("dynamic/fast")], 100)
    assert not (tmp_path / ".gatewright").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "limits": []}', '{"version": 1, "limits": [{}]}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".gatewright/history/prod/limits.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert read_limits(Project(tmp_path), "prod") == ()
