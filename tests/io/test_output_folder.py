"""Emitted files stay in their folder, are written atomically, and never replace a user's own file."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

import pytest
from examples import examples
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from gatewright.errors import FileRefusedError
from gatewright.io.atomic import TEMPORARY_NAME
from gatewright.io.output_folder import MANIFEST, PRIVATE, PUBLIC, FileOnDisk, OutputFolder, path_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Plant: TypeAlias = "Callable[[Path, Path], None]"


@pytest.fixture
def folder(tmp_path: Path) -> OutputFolder:
    return OutputFolder(tmp_path, ("out", "local"))


def everything(root: Path) -> dict[str, tuple[int, str]]:
    """Everything below `root`: type and content, without following links."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFLNK:
            content = str(path.readlink())
        else:
            content = path.read_bytes().hex() if kind == stat.S_IFREG else ""
        found[str(path.relative_to(root))] = (kind, content)
    return found


def test_write_read_remove(folder: OutputFolder, tmp_path: Path) -> None:
    folder.write("pi/models.json", "models")
    folder.write("openclaw.json", "claw", PRIVATE)
    assert (tmp_path / "out/local/pi/models.json").read_text() == "models"
    assert folder.read("openclaw.json") == FileOnDisk(b"claw", PRIVATE)
    assert stat.S_IMODE((tmp_path / "out/local/openclaw.json").stat().st_mode) == PRIVATE
    assert stat.S_IMODE((tmp_path / "out/local/pi/models.json").stat().st_mode) == PUBLIC
    folder.remove("pi/models.json")
    assert sorted(everything(tmp_path)) == ["out", "out/local", f"out/local/{MANIFEST}", "out/local/openclaw.json"]
    folder.remove("openclaw.json")
    assert everything(tmp_path) == {}


def test_a_name_that_differs_in_case_only_keeps_its_file(folder: OutputFolder, tmp_path: Path) -> None:
    """On macOS both names are one file, here by a hard link. Elsewhere they are two."""
    folder.write("codex/Work.toml", "before")
    folder.write("codex/work.toml", "after")
    work = tmp_path / "out/local/codex/work.toml"
    work.with_name("Work.toml").unlink()
    work.with_name("Work.toml").hardlink_to(work)
    folder.remove("codex/Work.toml")
    assert work.read_text() == "after"
    assert folder.read("codex/Work.toml") is not None
    work.with_name("Work.toml").unlink()
    folder.write("codex/Work.toml", "two files")
    folder.remove("codex/Work.toml")
    assert folder.read("codex/Work.toml") is None
    assert work.read_text() == "after"


def test_an_identical_file_is_not_written(folder: OutputFolder, tmp_path: Path) -> None:
    path = tmp_path / "out/local/a.json"
    folder.write("a.json", "one")
    before = path.stat()
    folder.write("a.json", "one")
    assert path.stat().st_ino == before.st_ino
    folder.write("a.json", "one", PRIVATE)
    assert stat.S_IMODE(path.stat().st_mode) == PRIVATE


def test_a_missing_file_is_read_as_none_and_removed_without_error(folder: OutputFolder, tmp_path: Path) -> None:
    nowhere = OutputFolder(tmp_path / "missing", ("out", "local"))
    for each in (folder, nowhere):
        assert each.read("a.json") is None
        each.check("a.json", "text")
        each.remove("a.json")
    assert everything(tmp_path) == {}


def test_a_missing_base_is_created(tmp_path: Path) -> None:
    OutputFolder(tmp_path / "new" / "deep").write("a.json", "text")
    assert (tmp_path / "new" / "deep" / "a.json").read_text() == "text"


def test_an_edited_file_in_the_manifest_is_overwritten(folder: OutputFolder, tmp_path: Path) -> None:
    path = tmp_path / "out/local/a.json"
    folder.write("a.json", "one")
    path.write_bytes(b"edited \xff")
    assert folder.read("a.json") == FileOnDisk(b"edited \xff", PUBLIC)
    folder.write("a.json", "two")
    assert path.read_text() == "two"
    path.write_text("edited")
    folder.remove("a.json")
    assert not path.exists()


def test_a_file_outside_the_manifest_is_not_overwritten(folder: OutputFolder, tmp_path: Path) -> None:
    path = tmp_path / "out/local/a.json"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    before = everything(tmp_path)
    for refused in (folder.check, folder.write):
        with pytest.raises(FileRefusedError, match=r"^out/local/a\.json is in the way") as error:
            refused("a.json", "text")
        assert error.value.hint == "move it elsewhere or delete it, then run again"
    folder.remove("a.json")
    assert everything(tmp_path) == before


@pytest.mark.parametrize("contents", [("wanted", None), ("other", "wanted")])
def test_a_file_with_the_desired_or_known_content_is_taken_over(
    folder: OutputFolder, tmp_path: Path, contents: tuple[str, str | None]
) -> None:
    path = tmp_path / "out/local/a.json"
    path.parent.mkdir(parents=True)
    path.write_text("wanted")
    text, known = contents
    folder.check("a.json", text, known=known)
    folder.write("a.json", text, known=known)
    path.write_text("edited later")
    folder.write("a.json", "again")
    assert path.read_text() == "again"


def test_without_a_manifest_only_the_known_content_is_removed(folder: OutputFolder, tmp_path: Path) -> None:
    path = tmp_path / "out/local/a.json"
    path.parent.mkdir(parents=True)
    path.write_text("known")
    folder.remove("a.json", known="other")
    assert path.exists()
    folder.remove("a.json", known="known")
    assert everything(tmp_path) == {}


def test_folders_with_other_files_are_not_removed(folder: OutputFolder, tmp_path: Path) -> None:
    folder.write("pi/models.json", "models")
    (tmp_path / "out/local/pi/mine.txt").write_text("mine")
    folder.remove("pi/models.json")
    assert sorted(everything(tmp_path)) == ["out", "out/local", "out/local/pi", "out/local/pi/mine.txt"]


def plant_link(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere)


def plant_dangling_link(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere / "nothing")


def plant_file(path: Path, _elsewhere: Path) -> None:
    path.write_text("a file")


def plant_pipe(path: Path, _elsewhere: Path) -> None:
    os.mkfifo(path)


def plant_socket(path: Path, _elsewhere: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(path))


@pytest.mark.parametrize("plant", [plant_link, plant_dangling_link, plant_file, plant_pipe, plant_socket])
@pytest.mark.parametrize("place", ["out", "out/local", "out/local/pi"])
def test_symlinks_on_the_path_are_not_followed(
    folder: OutputFolder, tmp_path: Path, plant: Plant, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "local/pi").mkdir(parents=True)
    (elsewhere / "pi").mkdir()
    for models in (elsewhere / "local/pi/models.json", elsewhere / "pi/models.json", elsewhere / "models.json"):
        models.write_text("theirs")
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    plant(tmp_path / place, elsewhere)
    assert_refused_everywhere(folder, tmp_path, "pi/models.json")


@pytest.mark.parametrize("plant", [plant_link, plant_dangling_link, plant_pipe, plant_socket])
def test_only_regular_files_are_replaced(
    folder: OutputFolder, tmp_path: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs").write_text("theirs")
    folder.write("pi/models.json", "ours")
    (tmp_path / "out/local/pi/models.json").unlink()
    plant(tmp_path / "out/local/pi/models.json", tmp_path / "theirs")
    assert_refused_everywhere(folder, tmp_path, "pi/models.json")
    folder.remove("pi/models.json")
    assert (tmp_path / "out/local/pi/models.json").lstat()
    assert (tmp_path / "theirs").read_text() == "theirs"


def test_a_folder_at_the_path_is_refused(folder: OutputFolder, tmp_path: Path) -> None:
    (tmp_path / "out/local/openclaw.json").mkdir(parents=True)
    assert_refused_everywhere(folder, tmp_path, "openclaw.json")


@pytest.mark.parametrize("name", [MANIFEST, TEMPORARY_NAME])
def test_symlinks_under_reserved_names_are_not_followed(folder: OutputFolder, tmp_path: Path, name: str) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text('{"files": ["a.json"]}')
    (tmp_path / "out/local").mkdir(parents=True)
    (tmp_path / "out/local" / name).symlink_to(theirs)
    if name == MANIFEST:
        assert_refused_everywhere(folder, tmp_path, "a.json")
    else:
        folder.write("a.json", "text")
    assert theirs.read_text() == '{"files": ["a.json"]}'


def assert_refused_everywhere(folder: OutputFolder, root: Path, relative: str) -> None:
    before = everything(root)
    for refused in (folder.check, folder.write):
        with pytest.raises(FileRefusedError) as error:
            refused(relative, "text")
        assert error.value.hint
    assert everything(root) == before


@pytest.mark.parametrize("manifest", ["", "{", "[]", "{}", '{"files": 3}', '{"files": [[]]}'])
def test_an_unreadable_manifest_is_an_error(folder: OutputFolder, tmp_path: Path, manifest: str) -> None:
    folder.write("a.json", "text")
    (tmp_path / "out/local" / MANIFEST).write_text(manifest)
    with pytest.raises(FileRefusedError, match=r"^out/local/\.gatewright\.json"):
        folder.write("a.json", "other")


def test_system_errors_are_reported_with_their_reason(folder: OutputFolder, tmp_path: Path) -> None:
    folder.write("a.json", "text")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", full_disk)
        with pytest.raises(FileRefusedError, match=r"^out/local/a\.json cannot be used: No space left on device"):
            folder.write("a.json", "other")
    assert (tmp_path / "out/local/a.json").read_text() == "text"
    assert not (tmp_path / "out/local" / TEMPORARY_NAME).exists()


def full_disk(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


HOSTILE = st.lists(
    st.sampled_from(["..", ".", "", "a", "B.json", "con", "nul.txt", "COM1", "~", "-rf", " ", "a ", "a.", MANIFEST])
    | st.text(max_size=6),
    max_size=5,
).map("/".join) | st.text(max_size=12)


@examples(80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE)
@example("../../../escaped")
@example("/etc/escaped")
@example("a\\..\\..\\escaped")
@example("C:\\escaped")
@example("a\0b")
@example("x" * 300)
@example("/".join("x" * 200))
def test_no_path_leads_outside(tmp_path_factory: pytest.TempPathFactory, relative: str) -> None:
    around = tmp_path_factory.mktemp("around")
    folder = OutputFolder(around / "project", ("out", "local"))
    try:
        folder.write(relative, "text")
    except FileRefusedError:
        assert list(around.rglob("*")) == []
    else:
        assert "/".join(path_parts(relative)) == relative
        assert (around / "project/out/local" / relative).read_text() == "text"
        written = {path for path in around.rglob("*") if path.is_file()}
        assert written == {around / "project/out/local" / relative, around / "project/out/local" / MANIFEST}
        folder.remove(relative)
        assert list(around.rglob("*")) == [around / "project"]


def test_parallel_writers_lose_nothing(folder: OutputFolder, tmp_path: Path) -> None:
    names = [f"{number % 3}/{number}.json" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: folder.write(name, name), names))
    for name in names:  # all are known to be ours
        (tmp_path / "out/local" / name).write_text("edited")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(folder.remove, names))
    assert everything(tmp_path) == {}


WRITER = """
import sys
from itertools import cycle
from pathlib import Path
from gatewright.io.output_folder import OutputFolder
folder = OutputFolder(Path(sys.argv[1]), ("out", "local"))
print("ready", flush=True)
for letter in cycle("ab"):
    folder.write("pi/models.json", letter * 200_000)
    folder.write(f"{letter}.json", letter)
    folder.remove(f"{letter}.json")
"""


def test_a_killed_writer_leaves_whole_files_and_no_obstacle(folder: OutputFolder, tmp_path: Path) -> None:
    for attempt in range(25):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(0.003 * attempt)
            writer.send_signal(signal.SIGKILL)
        found = folder.read("pi/models.json")
        assert found is None or found.data in (b"a" * 200_000, b"b" * 200_000)
        folder.write("a.json", f"attempt {attempt}")
        folder.write("b.json", f"attempt {attempt}")
    for relative in ("a.json", "b.json", "pi/models.json"):
        folder.remove(relative)
    assert everything(tmp_path) == {}
