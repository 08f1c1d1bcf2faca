"""Commands in messages, by where the program is installed and where the user stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatewright import command_line

pytestmark = pytest.mark.real_program


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program of a clone's virtual environment, which prints its arguments; the clone is the working directory."""
    script = tmp_path / "my clone" / ".venv" / "bin" / "gatewright"
    script.parent.mkdir(parents=True)
    script.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script.with_name("python")))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path / "my clone")
    return script


def run(command: str) -> str:
    """What the shell prints in the working directory."""
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout


@pytest.mark.usefixtures("script")
def test_in_a_clone_it_is_the_path_from_here() -> None:
    assert command_line.command("up prod") == ".venv/bin/gatewright up prod"
    assert run(command_line.command("up prod")) == "up prod\n"


def test_in_a_folder_of_the_clone(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = script.parents[2] / "stacks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert command_line.command("up prod") == "../.venv/bin/gatewright up prod"
    assert run(command_line.command("up prod")) == "up prod\n"


def test_elsewhere_it_is_the_whole_path_quoted(
    script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert command_line.command("up prod") == f"'{script}' up prod"
    assert run(command_line.command("up prod")) == "up prod\n"


def test_on_path_it_is_the_name(script: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    assert command_line.command("up prod") == "gatewright up prod"
    (tmp_path / "bin").mkdir()  # as pipx and `uv tool` install it
    (tmp_path / "bin" / "gatewright").symlink_to(script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert command_line.command("up prod") == "gatewright up prod"


@pytest.mark.usefixtures("script")
def test_another_installation_on_path_is_not_this_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "bin" / "gatewright"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n", encoding="utf-8")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}:/usr/bin:/bin")
    assert command_line.command("up prod") == ".venv/bin/gatewright up prod"


def test_without_a_script_it_is_the_name(script: Path) -> None:
    script.unlink()
    assert command_line.command("up prod") == "gatewright up prod"
