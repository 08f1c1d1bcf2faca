"""Lines appended to a private file: their mode, killed runs, several writers."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.io.append import append_line

FOLDERS = ("work", "history")
WRITER = """
import sys
from pathlib import Path
from gatewright.io.append import append_line
for number in range(int(sys.argv[3])):
    append_line(Path(sys.argv[1]), ("work",), "lines", f"{sys.argv[2]} {number} " + "x" * 5000)
"""


def lines(folder: Path) -> list[str]:
    return folder.joinpath(*FOLDERS, "lines").read_text().splitlines()


def test_only_the_owner_can_read_the_file_and_its_folders(tmp_path: Path) -> None:
    append_line(tmp_path, FOLDERS, "lines", "one")
    append_line(tmp_path, FOLDERS, "lines", "two")
    assert lines(tmp_path) == ["one", "two"]
    modes = [
        stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "work", tmp_path / "work/history", tmp_path / "work/history/lines")
    ]
    assert modes == [0o700, 0o700, 0o600]


def test_a_file_that_others_can_read_is_closed(tmp_path: Path) -> None:
    append_line(tmp_path, FOLDERS, "lines", "one")
    file = tmp_path.joinpath(*FOLDERS, "lines")
    file.chmod(0o644)
    append_line(tmp_path, FOLDERS, "lines", "two")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_line_without_its_end_does_not_spoil_the_next(tmp_path: Path) -> None:
    append_line(tmp_path, FOLDERS, "lines", "one")
    with tmp_path.joinpath(*FOLDERS, "lines").open("a") as file:
        file.write('{"cut')
    append_line(tmp_path, FOLDERS, "lines", "two")
    assert lines(tmp_path) == ["one", '{"cut', "two"]


def test_a_symlink_is_refused(tmp_path: Path) -> None:
    append_line(tmp_path, FOLDERS, "lines", "one")
    file = tmp_path.joinpath(*FOLDERS, "lines")
    target = tmp_path / "other"
    file.rename(target)
    file.symlink_to(target)
    with pytest.raises(OSError, match="lines"):
        append_line(tmp_path, FOLDERS, "lines", "two")
    assert target.read_text() == "one\n"


def test_two_writers_at_the_same_time(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name, "40"], stdin=subprocess.DEVNULL)
        for name in ("a", "b")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    written = (tmp_path / "work/lines").read_text().splitlines()
    assert sorted(line.rpartition(" ")[0] for line in written) == sorted(f"{a} {n}" for a in "ab" for n in range(40))
    assert {len(line.rpartition(" ")[2]) for line in written} == {5000}


def test_a_killed_writer_leaves_at_most_one_broken_line(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "a", "100000"], stdin=subprocess.DEVNULL)
    file = tmp_path / "work/lines"
    while not (file.exists() and file.stat().st_size > 50_000):
        assert writer.poll() is None
    writer.kill()
    writer.wait(60)
    append_line(tmp_path, ("work",), "lines", "b 0 " + "x" * 5000)
    *before, last = file.read_text().splitlines()
    assert last.startswith("b 0 x")
    assert len([line for line in before if len(line.rpartition(" ")[2]) != 5000]) <= 1
