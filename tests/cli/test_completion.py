"""Completion in a shell, and the versions that belong together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright import __version__
from gatewright.cli import run
from gatewright.engine.find import Engine
from gatewright.errors import ExitCode
from gatewright.project import Project

BIN = Path(sys.executable).parent
COMPLETE = """
eval "$(gatewright completion bash)"
COMP_WORDS=({words}) COMP_CWORD={position}
_gatewright_completion gatewright
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(project: Project, *words: str) -> list[str]:
    """The completions of the last word in bash."""
    script = COMPLETE.format(words=" ".join(f'"{word}"' for word in words), position=len(words) - 1)
    shell = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--norc", "-c", script]
    return subprocess.check_output(command, cwd=project.root, env=shell, text=True, timeout=60).split()


def test_bash_completes_commands_environments_and_clients(shipped: Project) -> None:
    assert complete(shipped, "gatewright", "prev") == ["preview"]
    assert complete(shipped, "gatewright", "up", "") == ["dev", "local", "prod", "staging"]
    assert complete(shipped, "gatewright", "install", "local", "openc") == ["openclaw", "opencode"]
    assert complete(shipped, "gatewright", "drift", "--fo") == ["--format"]


def test_nothing_is_completed_outside_a_project(tmp_path: Path) -> None:
    assert complete(Project(tmp_path), "gatewright", "up", "") == []


@pytest.mark.parametrize(("shell", "line"), [("zsh", "#compdef gatewright"), ("fish", "complete --no-files")])
def test_scripts_for_other_shells(shell: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == ExitCode.DONE
    out = capsys.readouterr().out
    assert line in out
    assert f"_GATEWRIGHT_COMPLETE={shell}_complete" in out


class TestVersion:
    @pytest.fixture(autouse=True)
    def engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = Engine(Path("/fake/pulumi"), (3, 259, 0), "path")
        monkeypatch.setattr("gatewright.engine.installed_versions.find_engine", lambda _: found)

    @pytest.mark.parametrize("arguments", [["--version"], ["version"]])
    def test_package_plugins_and_engine(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert run(arguments) == ExitCode.DONE
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == [f"gatewright {__version__}", f"pulumi-resource-gatewright {__version__}"]
        assert lines[2].startswith("pulumi-resource-cloudflare ")
        assert lines[3] == "pulumi 3.259.0"

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["version", "--format", "json"]) == ExitCode.DONE
        versions = json.loads(capsys.readouterr().out)
        assert versions["gatewright"] == __version__
        assert versions["pulumi"] == "3.259.0"

    def test_without_an_engine(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("gatewright.engine.installed_versions.find_engine", lambda _: None)
        assert run(["--version"]) == ExitCode.DONE
        assert capsys.readouterr().out.endswith("pulumi not installed here\n")

    def test_a_plugin_of_another_installation(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from gatewright.engine.installed_versions import plugin_version

        other = tmp_path / "other" / "gatewright"
        other.mkdir(parents=True)
        (other / "__init__.py").write_text('__version__ = "0.0.9"\n', encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(other.parent))
        python = tmp_path / "a venv" / "python"
        python.parent.mkdir()
        python.symlink_to(sys.executable)
        project = Project(tmp_path)
        project.bin.mkdir(parents=True)
        launcher = project.bin / "pulumi-resource-gatewright"
        launcher.write_text(f"#!/bin/sh\nexec '{python}' -P -m gatewright.provider \"$@\"\n", encoding="utf-8")
        assert plugin_version(project) == "0.0.9"
        python.unlink()
        assert plugin_version(project) is None
