"""A link swapped in between a check and a write leads no write out of the folder, and no read into a pipe."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from swapped_links import SWAPS, every_swap, to_dangling_link, to_link, to_pipe

from gatewright.io.append import append_line
from gatewright.io.output_folder import MANIFEST, OutputFolder
from gatewright.io.private import create_private, replace_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from swapped_links import Swap

    Writer = Callable[[Path], object]

WRITERS: dict[str, Writer] = {
    "write": lambda root: OutputFolder(root, ("out", "dev")).write("pi/models.json", "ours"),
    "write another": lambda root: OutputFolder(root, ("out", "dev")).write("pi/new.json", "ours"),
    "remove": lambda root: OutputFolder(root, ("out", "dev")).remove("pi/models.json"),
    "read": lambda root: OutputFolder(root, ("out", "dev")).read("pi/models.json"),
    "append": lambda root: append_line(root, ("out", "dev"), "models.json", "ours"),
    "replace privately": lambda root: replace_private(root / "out/dev/models.json", b"ours"),
    "create privately": lambda root: create_private(root / "out/dev/new.json", b"ours"),
}
PLACES = {
    "out": {"write", "write another", "remove", "read", "append"},
    "out/dev": {"write", "write another", "remove", "read", "append"},
    "out/dev/pi": {"write", "write another", "remove", "read"},
    "out/dev/pi/models.json": {"write", "remove", "read"},
    f"out/dev/{MANIFEST}": {"write", "write another", "remove"},
    "out/dev/models.json": {"append", "replace privately"},
    "out/dev/new.json": {"create privately"},
}
FORKS = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
CASES = [(place, writer) for place, writers in PLACES.items() for writer in sorted(writers)]


def prepare(root: Path) -> None:
    """A folder with emitted files."""
    shutil.rmtree(root, ignore_errors=True)
    OutputFolder(root, ("out", "dev")).write("pi/models.json", "before")
    (root / "out/dev/models.json").write_text("before\n")


def contents(elsewhere: Path) -> dict[str, str]:
    return {
        str(path.relative_to(elsewhere)): path.read_text() if path.is_file() else "" for path in elsewhere.rglob("*")
    }


def run_everywhere(tmp_path: Path, place: str, writer: str, swap: Swap) -> None:
    """Swap at each access to the disk, and compare what is elsewhere."""
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    prepare(root)
    shutil.copytree(root, elsewhere)
    for folder in ("out", "out/dev", "out/dev/pi"):  # so that any of them is complete below a link to it
        shutil.copytree(root / folder, elsewhere / folder.rpartition("/")[2], dirs_exist_ok=True)
    for file in ("models.json", "new.json", MANIFEST):
        (elsewhere / file).write_text('{"files": ["pi/models.json"]}')
    before = contents(elsewhere)
    steps = 0
    for _ in every_swap(root / place, swap, elsewhere, root, lambda: WRITERS[writer](root)):
        steps += 1
        assert contents(elsewhere) == before
        prepare(root)
    assert steps >= 2


@FORKS
@pytest.mark.parametrize(
    ("place", "writer", "swap"),
    [
        ("out/dev", "write", to_link),
        ("out/dev/pi/models.json", "write", to_pipe),
        ("out/dev/models.json", "append", to_dangling_link),
    ],
)
def test_a_sample(tmp_path: Path, place: str, writer: str, swap: Swap) -> None:
    run_everywhere(tmp_path, place, writer, swap)


@FORKS
@pytest.mark.nightly
@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize(("place", "writer"), CASES)
def test_every_place_of_every_writer(tmp_path: Path, place: str, writer: str, swap: Swap) -> None:
    run_everywhere(tmp_path, place, writer, swap)


@FORKS
def test_the_swap_is_noticed(tmp_path: Path) -> None:
    """A writer that follows links is found."""
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    prepare(root)
    elsewhere.mkdir()
    path = root / "out/dev/models.json"
    run = every_swap(path, to_link, elsewhere, root, lambda: path.write_text("ours"))
    next(run)
    assert contents(elsewhere) == {"models.json": "ours"}
