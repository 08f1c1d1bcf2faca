"""A file on the disk is compared, written, read and removed as one resource."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import grpc
import pytest

from gatewright.plugin.values import UNKNOWN, Object, Secret, Value

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Calls, Engine

FILE: Object = {"environment": "local", "path": "pi/models.json", "content": "{}\n", "mode": "0644"}
ID = "local/pi/models.json"


def state(inputs: Object, *, on_disk: bool = True) -> Object:
    digest = hashlib.sha256(str(inputs["content"]).encode()).hexdigest()
    return {**inputs, "sha256": digest, "onDisk": on_disk}


@pytest.fixture
def path(files: Calls, folder: Path) -> Path:
    """The file of FILE, once created."""
    assert files.create(FILE) == (ID, state(FILE))
    return folder / "out/local/pi/models.json"


def diff(files: Calls, news: Object, inputs: Object = FILE, *, on_disk: bool = True) -> dict[str, str]:
    return files.diff(ID, state(inputs, on_disk=on_disk), inputs, news)


def test_create_read_and_delete(files: Calls, path: Path) -> None:
    assert path.read_text() == "{}\n"
    assert diff(files, FILE) == {}
    assert files.read(ID, FILE, state(FILE)) == (FILE, state(FILE))
    changed: Object = {**FILE, "content": "[]\n", "mode": "0600"}
    assert diff(files, changed) == {"content": "UPDATE", "mode": "UPDATE"}
    assert files.update(ID, FILE, changed) == state(changed)
    assert path.read_text() == "[]\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_program_without_environment_files_has_files_too(files: Calls, folder: Path) -> None:
    (folder / "stacks").rmdir()
    assert files.create(FILE) == (ID, state(FILE))
    assert (folder / "out/local/pi/models.json").read_text() == "{}\n"


def test_the_default_mode_is_public(files: Calls) -> None:
    assert files.check({name: value for name, value in FILE.items() if name != "mode"}) == FILE


def test_a_preview_writes_nothing(files: Calls, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    assert files.create(files.check(FILE), preview=True) == ("", state(FILE))
    assert files.update(ID, FILE, {**FILE, "content": "other"}, preview=True) == state({**FILE, "content": "other"})
    assert sorted(folder.rglob("*")) == before


def test_an_edit_by_hand_is_a_change_of_content(files: Calls, path: Path) -> None:
    path.write_text("edited\n")
    edited: Object = {**FILE, "content": "edited\n"}
    assert diff(files, FILE) == {"content": "UPDATE"}
    assert files.read(ID, FILE, state(FILE)) == (edited, state(edited))
    assert diff(files, FILE, inputs=edited) == {"content": "UPDATE"}
    assert files.update(ID, edited, files.check(FILE, olds=edited)) == state(FILE)
    assert path.read_text() == "{}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [("edited\n", "1 line differs"), ("edited\nby\nhand\n", "3 lines differ"), ("{}", "1 line differs")],
)
def test_only_an_edit_by_hand_is_logged(
    files: Calls, path: Path, engine: tuple[Engine, str], text: str, message: str
) -> None:
    diff(files, {**FILE, "content": "new"})
    diff(files, FILE)
    assert engine[0].logged == []
    path.write_text(text)
    diff(files, FILE)
    assert engine[0].logged == [(files.urn(), f"out/local/pi/models.json was edited by hand: {message}")]
    diff(files, FILE, inputs={**FILE, "content": text})  # the state knows it: the engine shows it by itself
    assert len(engine[0].logged) == 1


def test_an_edit_that_is_not_text_is_an_edit(files: Calls, path: Path) -> None:
    path.write_bytes(b"\xff\n")
    looks_the_same: Object = {**FILE, "content": "\N{REPLACEMENT CHARACTER}\n"}
    [inputs, found] = files.read(ID, FILE, state(FILE))
    assert inputs == looks_the_same
    assert files.diff(ID, state(looks_the_same), looks_the_same, looks_the_same) == {"content": "UPDATE"}
    assert found["sha256"] == hashlib.sha256(b"\xff\n").hexdigest()


@pytest.mark.parametrize(("bits", "mode"), [(0o600, "0600"), (0o400, "0600"), (0o664, "0644"), (0o755, "0644")])
def test_only_read_permissions_of_the_mode_count(files: Calls, path: Path, bits: int, mode: str) -> None:
    path.chmod(bits)
    assert diff(files, FILE) == ({} if mode == "0644" else {"mode": "UPDATE"})
    assert files.read(ID, FILE, state(FILE))[0]["mode"] == mode


def test_a_missing_file_is_a_change_of_on_disk(files: Calls, path: Path) -> None:
    path.unlink()
    assert diff(files, FILE) == {"onDisk": "UPDATE"}
    assert files.read(ID, FILE, state(FILE)) == (FILE, state(FILE, on_disk=False))
    assert diff(files, FILE, on_disk=False) == {"onDisk": "UPDATE"}
    assert diff(files, {**FILE, "content": "new"}) == {"content": "UPDATE", "onDisk": "UPDATE"}
    files.update(ID, FILE, FILE)
    assert diff(files, FILE, on_disk=False) == {"onDisk": "UPDATE"}  # so that the state learns it is back
    assert diff(files, FILE) == {}


def test_a_file_written_before_its_update_still_updates_the_state(
    files: Calls, path: Path, engine: tuple[Engine, str]
) -> None:
    path.write_text("new")
    assert diff(files, {**FILE, "content": "new"}) == {"content": "UPDATE"}
    assert engine[0].logged == []


@pytest.mark.parametrize(("name", "value"), [("path", "models.json"), ("environment", "prod")])
def test_a_move_is_a_replacement(files: Calls, path: Path, name: str, value: str) -> None:
    assert diff(files, {**FILE, name: value, "content": "new"}) == {name: "UPDATE_REPLACE", "content": "UPDATE"}
    assert path.exists()


@pytest.mark.usefixtures("path")
def test_an_import_reads_the_file(files: Calls) -> None:
    assert files.read(ID) == (FILE, state(FILE))
    assert files.read("local/other.json") is None


def test_delete_keeps_a_file_of_the_user(files: Calls, folder: Path) -> None:
    path = folder / "out/local/pi/models.json"
    files.create(FILE)
    files.delete(ID, state(FILE))
    assert not (folder / "out").exists()
    files.delete(ID, state(FILE))
    path.parent.mkdir(parents=True)
    path.write_text("of the user")
    files.delete(ID, state(FILE))
    assert path.read_text() == "of the user"


def test_delete_keeps_a_file_that_another_resource_declares(files: Calls, path: Path) -> None:
    files.check(FILE, name="renamed")
    files.delete(ID, state(FILE))
    assert path.exists()


def test_one_file_has_one_resource(files: Calls) -> None:
    files.check(FILE)
    files.check(FILE)
    reasons = files.failures(FILE, name="second")
    assert reasons == ["out/local/pi/models.json is declared twice, by first and by second"]


def test_a_file_of_the_user_is_not_overwritten(files: Calls, folder: Path) -> None:
    path = folder / "out/local/pi/models.json"
    path.parent.mkdir(parents=True)
    path.write_text("of the user")
    [reason] = files.failures(FILE)
    assert reason.startswith("out/local/pi/models.json is in the way: gatewright did not write it")
    with pytest.raises(grpc.RpcError) as refused:
        files.create(FILE)
    assert refused.value.details() == reason
    assert [each.name for each in path.parent.iterdir()] == ["models.json"]
    assert path.read_text() == "of the user"
    files.check(FILE, olds={**FILE, "content": "of the user"})  # imported: the state knows it


REFERENCE = "write a reference to a variable"
OUTPUT = "do not use an output of another resource"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("content", None, "content is required"),
        ("path", None, "path is required"),
        ("environment", None, "environment is required"),
        ("content", 3, "content must be a string"),
        ("content", {"a": 1}, "content must be a string"),
        ("content", Secret("hush"), f"content is secret, but an emitted file is plain text: {REFERENCE}"),
        ("path", Secret("hush"), f"path is secret, but an emitted file is plain text: {REFERENCE}"),
        ("content", UNKNOWN, f"content must be known before anything is created: {OUTPUT}"),
        ("path", UNKNOWN, f"path must be known before anything is created: {OUTPUT}"),
        ("mode", "0777", "mode must be one of 0644, 0600"),
        ("mode", 0o600, "mode must be a string"),
        ("environment", "a/b", "environment must be a single name"),
        ("modus", "0600", "there is no input modus; the inputs are environment, path, content, mode"),
    ],
)
def test_invalid_inputs(files: Calls, name: str, value: Value, reason: str) -> None:
    assert files.failures({**FILE, name: value}) == [reason]


@pytest.mark.parametrize(
    ("name", "value"), [("path", "../prod/a.json"), ("path", "/a.json"), ("path", "a\\b"), ("environment", "..")]
)
def test_a_path_outside_of_the_folder_is_rejected(files: Calls, name: str, value: str) -> None:
    [reason] = files.failures({**FILE, name: value})
    assert reason.startswith(f"{value!r} is not a valid path for an emitted file: ")


def test_a_symlink_is_not_followed(files: Calls, folder: Path, tmp_path: Path) -> None:
    (folder / "out").symlink_to(tmp_path)
    [reason] = files.failures(FILE)
    assert "there is a symlink or a special file on its path" in reason


def test_all_invalid_inputs_are_reported_together(files: Calls) -> None:
    reasons = files.failures({"path": 1, "mode": "7"})
    assert reasons == [
        "environment is required",
        "path must be a string",
        "content is required",
        "mode must be one of 0644, 0600",
    ]
