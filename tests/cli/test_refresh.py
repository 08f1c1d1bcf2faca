"""`gatewright refresh`: files with tokens, and timers that are printed."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from gatewright.errors import ExitCode
from gatewright.operations.tokens.newest_token import NewestToken
from gatewright.project import Project

from .project import Call, write

TEXT = "extends: base.yaml\nlocal: true\nclients: {opencode: {credential: file}}\n"


@pytest.fixture
def file(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the token of OpenCode, not written yet."""
    write(project, "local.yaml", TEXT)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    stack_has(monkeypatch, "fake-token-1")
    return tmp_path / "home/.local/state/gatewright/tokens/agents-local.agents"


def stack_has(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    newest = NewestToken(value, ("a note",))
    monkeypatch.setattr("gatewright.operations.tokens.token_files.newest_token", lambda *_: newest)


def test_the_file_is_private_and_follows_the_stack(file: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    first = call("refresh", "local")
    shown = "~/.local/state/gatewright/tokens/agents-local.agents"
    assert (first.code, first.out) == (ExitCode.DONE, f"{shown}    changed    opencode\n")
    assert first.err == "gatewright: a note\n"
    assert file.read_text() == "fake-token-1\n"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    assert "unchanged" in call("refresh", "local").out
    stack_has(monkeypatch, "fake-token-2")
    document = json.loads(call("refresh", "local", "--format", "json").out)
    assert document["files"] == [{"client": "opencode", "path": str(file), "changed": True}]
    assert file.read_text() == "fake-token-2\n"


def test_a_file_that_others_can_read_is_replaced(file: Path, call: Call) -> None:
    call("refresh", "local")
    file.chmod(0o644)
    assert "    changed    " in call("refresh", "local").out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_client_reads_a_file(project: Project, file: Path, call: Call) -> None:
    write(project, "local.yaml", TEXT.replace("credential: file", "credential: variable"))
    result = call("refresh", "local")
    assert result.code == ExitCode.USAGE
    assert "no client of local has credential: file" in result.err
    assert not file.exists()
    timer = call("refresh", "local", "--timer", "cron")
    assert (timer.code, timer.err) == (ExitCode.USAGE, result.err)


@pytest.mark.parametrize("timer", ["systemd", "cron"])
def test_a_timer_is_printed_only(project: Project, file: Path, call: Call, timer: str) -> None:
    result = call("refresh", "local", "--timer", timer)
    assert result.code == ExitCode.DONE
    assert str(project.root) in result.out
    assert re.search(r"gatewright'? refresh local", result.out)
    assert json.loads(call("refresh", "local", "--timer", timer, "--format", "json").out)["timer"] == timer
    assert not file.parents[4].exists()


def test_doctor_reads_the_file(file: Path, call: Call) -> None:
    def finding() -> str:
        rows = json.loads(call("doctor", "local", "opencode", "--format", "json").out)
        return next(str(row["found"]) for row in rows if row["name"] == "token file")

    assert finding().endswith(": missing or not readable")
    call("refresh", "local")
    assert finding().endswith(": has a token; the newest one is unknown; OpenCode reads it at its start")
    file.chmod(0o644)
    assert finding().endswith(": others can read it")
