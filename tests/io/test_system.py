"""Files and locks on Linux and on macOS; the system is a parameter."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.io.system import F_FULLFSYNC, lock_file, sync


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _: calls.append("fsync"))
    return calls


@pytest.mark.parametrize(
    ("platform", "refusal", "expected"),
    [
        ("linux", None, ["fsync"]),
        ("darwin", None, [F_FULLFSYNC]),
        ("darwin", errno.ENOTSUP, [F_FULLFSYNC, "fsync"]),
        ("darwin", errno.EINVAL, [F_FULLFSYNC, "fsync"]),
    ],
)
def test_sync_reaches_the_disk(
    platform: str, refusal: int | None, expected: list[object], synced: list[object]
) -> None:
    def control(_: int, command: int) -> None:
        synced.append(command)
        if refusal:
            raise OSError(refusal, os.strerror(refusal))

    sync(0, platform, control)
    assert synced == expected


def test_sync_reports_a_full_disk(synced: list[str]) -> None:
    def control(_descriptor: int, _command: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        sync(0, "darwin", control)
    assert synced == []


def test_a_file_system_without_f_fullfsync(tmp_path: Path) -> None:
    """The real call: Linux refuses the command."""
    with (tmp_path / "x").open("w") as file:
        sync(file.fileno(), "darwin")


def test_locks(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as first, path.open("w") as second, path.open("w") as third:
        assert lock_file(first.fileno(), shared=True)
        assert lock_file(second.fileno(), shared=True, wait=False)
        assert not lock_file(third.fileno(), wait=False)
    with path.open("w") as first, path.open("w") as second:
        assert lock_file(first.fileno())
        assert not lock_file(second.fileno(), shared=True, wait=False)


def test_a_system_without_locks_grants_every_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert lock_file(first.fileno())
        assert lock_file(second.fileno(), wait=False)


def test_no_two_files_of_the_repository_differ_in_case_only() -> None:
    root = Path(__file__).parents[2]
    files = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, check=True, text=True).stdout.split("\n")
    folded: dict[str, str] = {}
    assert [(file, folded[file.lower()]) for file in files if folded.setdefault(file.lower(), file) != file] == []
    assert len(files) > 100
