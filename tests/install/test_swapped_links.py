"""A link or a pipe swapped in while `install` and `uninstall` write: nothing outside is read from or written to."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from planted_secrets import files_below, require_no_secret
from swapped_links import SWAPS, every_swap, to_device, to_pipe

from gatewright.errors import FileRefusedError
from gatewright.install import user_files

from .bench import BOT_TOKEN, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from swapped_links import Swap

FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
THEIRS = '{"theirs": true}\n'


def run_everywhere(bench: Bench, direction: str, place: str, swap: Swap) -> Iterator[int]:
    """Swap at each access to the disk of an installation or its removal, and compare what is elsewhere. Yields it.

    A folder may be a link, as stow makes them: its file is edited. But never replaced by what was read before the swap.
    """
    elsewhere, saved = bench.home.parent / "elsewhere", bench.home.parent / "saved"
    bench.file(".openclaw/openclaw.json")
    if direction == "uninstall":
        bench.install("prod", "openclaw")
    for folder in (elsewhere, elsewhere / ".openclaw"):
        folder.mkdir()
        (folder / "openclaw.json").write_text(THEIRS)
    before = files(elsewhere)
    shutil.copytree(bench.home, saved)
    operation = getattr(bench, direction)
    for step in every_swap(bench.home / place, swap, elsewhere, bench.home, lambda: operation("prod", "openclaw")):
        after = files(elsewhere)
        assert after.keys() == before.keys()
        assert all(THEIRS.strip("{}\n") in after[name] for name, text in before.items() if text)
        require_no_secret(files_below(elsewhere), [BOT_TOKEN])
        yield step
        shutil.rmtree(bench.home)
        shutil.copytree(saved, bench.home)


def files(folder: Path) -> dict[str, str]:
    """The files and folders below a folder."""
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else "" for path in folder.rglob("*")}


def test_a_folder_that_is_another_one_for_a_moment_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere, aside = (tmp_path / name for name in ("folder", "elsewhere", "aside"))
    for each in (folder, elsewhere):
        each.mkdir()
        (each / "settings.json").write_text(THEIRS)
    file = user_files.read(folder / "settings.json", "settings.json")
    open_file = os.open

    def swapped(path: Any, flags: int, *others: Any, **named: Any) -> int:
        if path != folder:
            return open_file(path, flags, *others, **named)
        folder.rename(aside)
        folder.symlink_to(elsewhere)
        descriptor = open_file(path, flags, *others, **named)
        folder.unlink()
        aside.rename(folder)
        return descriptor

    monkeypatch.setattr("os.open", swapped)
    with pytest.raises(FileRefusedError, match="was changed by another program meanwhile"):
        user_files.replace(file, b"ours", private=True)
    assert {path.read_text() for path in tmp_path.rglob("*.json")} == {THEIRS}


@FORKS
@pytest.mark.parametrize("swap", [to_pipe, to_device])
def test_the_users_file_is_swapped_before_it_is_read(bench: Bench, swap: Swap) -> None:
    assert next(run_everywhere(bench, "install", ".openclaw/openclaw.json", swap)) == 1


@FORKS
@pytest.mark.nightly
@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("place", [".openclaw", ".openclaw/openclaw.json"])
@pytest.mark.parametrize("direction", ["install", "uninstall"])
def test_every_swap(bench: Bench, direction: str, place: str, swap: Swap, capfd: pytest.CaptureFixture[str]) -> None:
    assert len([*run_everywhere(bench, direction, place, swap)]) > 5
    require_no_secret({"output": "".join(capfd.readouterr()).encode()}, [BOT_TOKEN])
