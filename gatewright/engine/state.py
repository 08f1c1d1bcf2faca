"""Faults of a state in a folder: empty side-car files, locks of killed runs, unreadable stacks."""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gatewright.io.untrusted import parse_json, read_regular_file


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a state folder, and the command that fixes it."""

    message: str
    fix: str


def find_faults(state: Path, prefix: str = "") -> Iterator[Fault]:
    """The faults of the backend in the folder `state`; none when it does not exist yet.

    `prefix` precedes a pulumi command for this backend.
    """
    for path in sorted(state.glob(".pulumi/**/*.attrs")):
        if path.stat().st_size == 0:
            yield Fault(
                f"{path.name} is empty after a kill; every stack fails with EOF until it is removed; no state is lost",
                f"rm {shlex.quote(str(path))}",
            )
    for path in sorted(state.glob(".pulumi/stacks/*/*.json")):
        try:
            parse_json(read_regular_file(path))
        except ValueError:
            backup = path.with_name(path.name + ".bak")
            yield Fault(
                f"the state of stack {path.stem} cannot be read",
                f"cp {shlex.quote(str(backup))} {shlex.quote(str(path))}"
                if backup.is_file()
                else "restore a copy of it",
            )
    for path in sorted(state.glob(".pulumi/locks/**/*.json")):
        yield from _lock(path, prefix)


def _lock(path: Path, prefix: str) -> Iterator[Fault]:
    """The fault of a lock that nobody holds any more; none where its process lives, or runs on another machine."""
    stack = path.parent.name
    lock = _read(path)
    if lock is None:
        yield Fault(f"stack {stack} is locked by a file that cannot be read", f"rm {shlex.quote(str(path))}")
    elif lock.is_over:
        yield Fault(
            f"stack {stack} is locked by a run that is no longer alive (process {lock.process}, {lock.since})",
            unlock_command(stack, prefix),
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """The run that holds a stack."""

    process: int
    user: str
    host: str
    since: str

    @property
    def is_over(self) -> bool:
        """Whether it is certain that the run has ended."""
        return self.host == socket.gethostname() and not _runs(self.process)


def find_locks(backend: str, stack: str) -> list[Lock]:
    """The locks of `stack`; none for a backend that is not a folder, whose locks are not known."""
    folder = backend_folder(backend)
    files = sorted(folder.glob(f".pulumi/locks/**/{stack}/*.json")) if folder else []
    return [lock for file in files if (lock := _read(file))]


def backend_folder(backend: str) -> Path | None:
    """The folder of a backend's URL, if it is a folder."""
    url = urlsplit(backend)
    return Path(unquote(url.netloc + url.path)).expanduser() if url.scheme == "file" else None


def unlock_command(stack: str, prefix: str) -> str:
    """The command that removes a lock; `prefix` as for `find_faults`."""
    return f"{prefix}pulumi cancel --yes --stack {stack}"


def _read(path: Path) -> Lock | None:
    try:
        lock = parse_json(read_regular_file(path))
        since = str(lock["timestamp"])[:16].replace("T", " ")
        return Lock(int(lock["pid"]), str(lock.get("username", "")), str(lock["hostname"]), since)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # a run that has just ended removes its lock
        return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
