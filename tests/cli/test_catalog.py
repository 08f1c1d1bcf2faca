"""`gatewright catalog`: what it prints in each format, its exit codes, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from operations.catalog.project import CATALOG, write_project

from gatewright.cli import run
from gatewright.errors import ExitCode


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return write_project(tmp_path, monkeypatch).root


def call(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    assert run(["catalog", *arguments, "--offline"]) == code
    return capsys.readouterr().out


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(capsys, "check", code=ExitCode.CHANGES)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "catalog 5 models, 2 changes"
    assert "- retired groq/old retired on 2026-08-16 · use groq/new" in lines
    assert "stacks/catalog.yaml:5:12 → gatewright catalog update --apply" in lines
    assert "! retiring groq/soon retires on 2026-12-01 · use groq/new" in lines
    assert any(line.startswith("· unconfirmed groq/doubtful retired on 2026-08-16? · use groq/new") for line in lines)
    assert any("of 2026-09-18 (71 days old), 4 models" in line for line in lines)
    assert "· not read: litellm is not in the cache, and this run is offline" in lines


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(call(capsys, "check", "--format", "json", code=ExitCode.CHANGES))
    retired, retiring, unconfirmed = document["findings"]
    assert retired == {
        "kind": "retired",
        "counts": True,
        "model": "groq/old",
        "id": "old-8b",
        "message": "retired on 2026-08-16",
        "before": None,
        "after": "2026-08-16",
        "date": "2026-08-16",
        "successor": "groq/new",
        "location": {"file": "stacks/catalog.yaml", "line": 5, "column": 12},
        "evidence": [{**retired["evidence"][0], "date": "2026-09-18", "states": "retired on 2026-08-16", "url": None}],
    }
    assert (retiring["kind"], unconfirmed["kind"], unconfirmed["counts"]) == ("retiring", "unconfirmed", False)
    assert {"version", "models", "findings", "sources", "skipped"} == {*document}


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(capsys, "check", "--format", "markdown", code=ExitCode.CHANGES)
    assert "groq/old" in out
    assert "2026-08-16" in out


def test_update(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    out = call(capsys, "update", code=ExitCode.CHANGES)
    assert "stacks/base.yaml:3:10: routes.fast: groq/old -> groq/new" in out
    assert "Nothing was written." in out
    document = json.loads(call(capsys, "update", "--format", "json", code=ExitCode.CHANGES))
    assert (document["written"], [entry["path"] for entry in document["replaced"]]) == (
        False,
        ["routes.fast", "roles.main.primary", "roles.main.fallbacks"],
    )
    assert (project / "stacks/catalog.yaml").read_text(encoding="utf-8") == CATALOG
    assert "gatewright preview --all" in call(capsys, "update", "--apply", code=ExitCode.DONE)
    assert call(capsys, "update", code=ExitCode.DONE) == "Nothing to change.\n"
    assert "no change" in call(capsys, "check", code=ExitCode.DONE)
    assert run(["validate"]) == ExitCode.DONE
