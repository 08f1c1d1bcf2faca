from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright import __version__
from gatewright.cli import run
from gatewright.engine.doctor import Finding, examine_checkout
from gatewright.engine.passphrase import ensure_passphrase
from gatewright.engine.state import COMMAND_VARIABLE, describe_lock, find_faults, find_locks, restore_state
from gatewright.engine.variables import state_folder
from gatewright.facts.engine_values import VERSION_OUTPUT
from gatewright.project import Project

from .conftest import Program

LOCAL = Finding("local Cloudflare", "not running")


def found(project: Project, name: str) -> list[Finding]:
    return [finding for finding in examine_checkout(project, LOCAL).findings if finding.name == name]


def lock(state: Path, **content: object) -> Path:
    path = state / ".pulumi" / "locks" / "organization" / "gatewright" / "local" / "1.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_an_empty_side_car_file_has_a_fix_that_works(project: Project) -> None:
    stacks = state_folder(project) / ".pulumi" / "stacks" / "gatewright"
    stacks.mkdir(parents=True)
    (stacks / "local.json").write_text("{}")
    (stacks / "local.json.attrs").touch()
    (finding,) = found(project, "state")
    assert finding.is_fault
    assert "EOF" in finding.detail
    subprocess.run(["sh", "-c", finding.fix or "false"], check=True)
    (finding,) = found(project, "state")
    assert finding == Finding("state", "1 stack in .gatewright/state")


def test_a_broken_stack_is_restored_from_its_backup(tmp_path: Path) -> None:
    stacks = tmp_path / "it's" / ".pulumi" / "stacks" / "gatewright"
    stacks.mkdir(parents=True)
    (stacks / "local.json").write_text('{"ver')
    (stacks / "local.json.bak").write_text("{}")
    (fault,) = find_faults(tmp_path / "it's")
    subprocess.run(["sh", "-c", fault.fix], check=True)
    assert list(find_faults(tmp_path / "it's")) == []


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """The state of a stack that a full disk cut off, between two copies that can be read and one that cannot."""
    path = tmp_path / ".pulumi/stacks/gatewright/local.json"
    copies = tmp_path / ".pulumi/backups/gatewright/local"
    for folder in (path.parent, copies):
        folder.mkdir(parents=True)
    path.write_text('{"version": 3, "chec')
    path.chmod(0o600)
    for moment, text in ((1, '{"version": 3, "run": 1}'), (2, '{"version": 3, "run": 2}'), (3, "")):
        (copies / f"local.179590174888476363{moment}.json").write_text(text)
    path.with_name("local.json.bak").write_text("")
    return path


def test_a_state_that_was_cut_off_is_restored_from_its_newest_copy(cut_off: Path, tmp_path: Path) -> None:
    copy = restore_state(tmp_path, "local")
    assert copy is not None
    assert copy.name == "local.1795901748884763632.json"
    assert json.loads(cut_off.read_text()) == {"version": 3, "run": 2}
    assert stat.S_IMODE(cut_off.stat().st_mode) == 0o600
    assert [file.name for file in sorted(cut_off.parent.iterdir())] == ["local.json", "local.json.bak"]
    assert restore_state(tmp_path, "local") is None


@pytest.mark.parametrize("reason", ["it can be read", "another stack", "a lock", "no copy"])
def test_a_state_is_not_restored(cut_off: Path, tmp_path: Path, reason: str) -> None:
    if reason == "it can be read":
        cut_off.write_text("{}")
    elif reason == "a lock":
        lock(tmp_path, pid=dead_process(), hostname=socket.gethostname(), timestamp="2026-11-20T10:11:12Z")
    elif reason == "no copy":
        shutil.rmtree(tmp_path / ".pulumi/backups")
    before = cut_off.read_text()
    assert restore_state(tmp_path, "other" if reason == "another stack" else "local") is None
    assert cut_off.read_text() == before


def test_a_lock_of_a_killed_run_has_a_fix(project: Project) -> None:
    lock(state_folder(project), pid=dead_process(), hostname=socket.gethostname(), timestamp="2026-11-20T10:11:12Z")
    (finding,) = found(project, "state")
    assert "stack local is locked by a run that is no longer alive" in finding.detail
    assert "2026-11-20 10:11" in finding.detail
    assert finding.fix == 'eval "$(gatewright engine env)"; pulumi cancel --yes --stack local'


def test_an_engine_without_its_command_is_told_from_one_with_it(tmp_path: Path) -> None:
    for command, words in ((dead_process(), "kill -INT {pid}"), (os.getpid(), "If it has ended, unlock the stack: u")):
        variables = {COMMAND_VARIABLE: str(command), "PATH": os.environ["PATH"]}
        with subprocess.Popen(["cat"], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as engine:
            assert engine.stdin
            assert engine.stdout
            engine.stdin.write(b"\n")
            engine.stdin.flush()
            engine.stdout.readline()  # its variables can be read from now on, and not as soon as Popen returns
            lock(tmp_path, pid=engine.pid, hostname=socket.gethostname(), timestamp="2026-11-20T10:11:12Z")
            (held,) = find_locks(f"file://{tmp_path}", "local")
            assert words.format(pid=engine.pid) in describe_lock("local", held, "u")
            engine.kill()


@pytest.mark.parametrize("holder", ["alive", "elsewhere"])
def test_a_lock_that_may_be_held_is_not_a_fault(tmp_path: Path, holder: str) -> None:
    pid, host = (os.getpid(), socket.gethostname()) if holder == "alive" else (dead_process(), "another-machine")
    lock(tmp_path, pid=pid, hostname=host, timestamp="2026-11-20T10:11:12Z")
    assert list(find_faults(tmp_path)) == []


def test_a_passphrase_that_others_can_read_is_a_fault(project: Project) -> None:
    path = ensure_passphrase(project)
    assert not found(project, "passphrase")[0].is_fault
    path.chmod(0o644)
    (finding,) = found(project, "passphrase")
    subprocess.run(["sh", "-c", finding.fix or "false"], check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_exit_code_says_whether_something_needed_is_missing(
    project: Project,
    shell: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(project.root)
    assert run(["doctor", "--format", "json"]) == 1
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["engine"]["fault"] is True
    assert rows["engine"]["mend"] == "gatewright engine install"
    assert rows["local Cloudflare"]["fault"] is False

    program(shell / "pulumi", "echo v3.300.0")
    program(shell / "pulumi-language-python", "exit 0")
    run(["doctor", "--format", "json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["engine"]["found"].startswith("pulumi 3.300.0, on PATH")
    assert rows["engine"]["fault"] is False


def test_the_table_shows_the_fix(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.root)
    run(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    row = next(index for index, line in enumerate(lines) if line.startswith("✗ engine"))
    assert lines[row + 1].strip() == "→ gatewright engine install"


class TestVersions:
    @pytest.mark.parametrize(
        ("requirement", "detail", "fix"),
        [
            (f"gatewright=={__version__}", f"requirements.txt pins {__version__}, as installed", None),
            ("gatewright==0.0.1", f"requirements.txt pins 0.0.1, and {__version__} is installed", "gatewright upgrade"),
            (
                "gatewright==99.0.0",
                f"requirements.txt pins 99.0.0, and {__version__} is installed",
                f"{shlex.quote(sys.executable)} -m pip install 'gatewright==99.0.0'",
            ),
            (
                "gatewright",
                "requirements.txt pins no gatewright",
                f"echo gatewright=={__version__} >> requirements.txt",
            ),
        ],
    )
    def test_of_the_project(self, project: Project, requirement: str, detail: str, fix: str | None) -> None:
        (project.root / "requirements.txt").write_text(f"{requirement}\n")
        assert found(project, "project") == [Finding("project", detail, fix)]

    def test_of_the_plugin(self, project: Project) -> None:
        project.bin.mkdir(parents=True)
        launcher = project.bin / "pulumi-resource-gatewright"
        launcher.write_text('#!/bin/sh\nexec /no/python -P -m gatewright.provider "$@"\n')
        launcher.chmod(0o755)
        faults = [finding for finding in found(project, "gatewright plugin") if finding.is_fault]
        assert faults == [Finding("gatewright plugin", "its Python does not run", "gatewright engine install")]

    def test_of_a_state(self, project: Project) -> None:
        file = state_folder(project) / ".pulumi" / "stacks" / "gatewright" / "local.json"
        file.parent.mkdir(parents=True)
        stack = {"type": "pulumi:pulumi:Stack", "outputs": {VERSION_OUTPUT: "99.0.0"}}
        file.write_text(json.dumps({"checkpoint": {"latest": {"resources": [stack]}}}))
        (fault,) = (finding for finding in found(project, "state") if finding.is_fault)
        assert fault.detail == "gatewright 99.0.0 wrote stack local"
