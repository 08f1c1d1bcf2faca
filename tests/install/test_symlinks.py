"""Dotfiles that are symlinks into another folder, as stow and chezmoi make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.cli import run
from gatewright.errors import ExitCode, FileRefusedError
from gatewright.install import FileState

from .bench import Bench

MODELS = '{\n  // mine\n  "providers": {}\n}\n'


def move_to_dotfiles(bench: Bench, name: str) -> Path:
    """Move a file to ~/dotfiles, and put a symlink in its place."""
    path = bench.home / name
    target = bench.home / "dotfiles" / path.name
    target.parent.mkdir(exist_ok=True)
    path.rename(target)
    path.symlink_to(target)
    return path


def test_the_target_is_edited_and_the_link_stays(bench: Bench) -> None:
    bench.file(".pi/agent/models.json", MODELS)
    path = move_to_dotfiles(bench, ".pi/agent/models.json")
    bench.install("prod", "pi", follow_symlinks=True)
    assert bench.previews[-1].links == ("~/.pi/agent/models.json → ~/dotfiles/models.json",)
    assert path.is_symlink()
    assert "agents-prod" in path.resolve().read_text(encoding="utf-8")
    assert {file.state for file in bench.inspect("prod", "pi").files} == {FileState.CURRENT}
    assert not bench.install("prod", "pi").changes, "the decision is remembered"
    bench.uninstall("prod", "pi")
    assert path.is_symlink()
    assert path.resolve().read_text(encoding="utf-8") == MODELS


def test_uninstall_after_the_file_became_a_link(bench: Bench) -> None:
    bench.file(".openclaw/openclaw.json")
    before = bench.openclaw.read_bytes()
    bench.install("prod", "openclaw")
    move_to_dotfiles(bench, ".openclaw/openclaw.json")
    with pytest.raises(FileRefusedError) as raised:
        bench.uninstall("prod", "openclaw")
    assert "--follow-symlinks" in (raised.value.hint or "")
    bench.uninstall("prod", "openclaw", follow_symlinks=True)
    assert bench.openclaw.is_symlink()
    assert bench.openclaw.read_bytes() == before


def test_a_file_that_install_created_is_removed_with_its_link(bench: Bench) -> None:
    bench.install("prod", "opencode")
    path = move_to_dotfiles(bench, ".config/opencode/opencode.json")
    bench.uninstall("prod", "opencode", follow_symlinks=True)
    assert not path.is_symlink()
    assert not (bench.home / "dotfiles" / "opencode.json").exists()


def test_a_link_without_a_target_is_refused(bench: Bench) -> None:
    bench.openclaw.parent.mkdir()
    bench.openclaw.symlink_to("nowhere.json")
    with pytest.raises(FileRefusedError, match=r"is a symlink to .*nowhere\.json, which does not exist"):
        bench.install("prod", "openclaw", follow_symlinks=True)


def test_the_command_shows_the_target_before_the_change(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.file(".openclaw/openclaw.json")
    move_to_dotfiles(bench, ".openclaw/openclaw.json")
    assert run(["install", "prod", "openclaw"]) == ExitCode.FAILED
    assert "--follow-symlinks" in capsys.readouterr().err
    assert run(["install", "prod", "openclaw", "--follow-symlinks"]) == ExitCode.DONE
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("~/.openclaw/openclaw.json → ~/dotfiles/openclaw.json: the link stays")
