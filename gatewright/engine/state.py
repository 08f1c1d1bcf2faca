"""What can be wrong with a state kept in a folder: side-car files cut short, locks of killed runs, broken stacks."""

from __future__ import annotations

import json
import os
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a state folder, and the line that mends it."""

    what: str
    mend: str


def faults(state: Path, enter: str = "") -> Iterator[Fault]:
    """All that is wrong with the backend in `state`; nothing when it does not exist yet.

    `enter` stands before a pulumi command for this backend.
    """
    for path in sorted(state.glob(".pulumi/**/*.attrs")):
        if path.stat().st_size == 0:
            yield Fault(
                f"{path.name} was cut short by a kill: until it is gone every stack fails with EOF; no state is lost",
                f"rm {shlex.quote(str(path))}",
            )
    for path in sorted(state.glob(".pulumi/stacks/*/*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            backup = path.with_name(path.name + ".bak")
            yield Fault(
                f"the state of stack {path.stem} cannot be read",
                f"cp {shlex.quote(str(backup))} {shlex.quote(str(path))}" if backup.is_file() else "put back a copy",
            )
    for path in sorted(state.glob(".pulumi/locks/**/*.json")):
        yield from _lock(path, enter)


def _lock(path: Path, enter: str) -> Iterator[Fault]:
    """A lock that nobody holds any more. One whose process lives, or runs elsewhere, is none of our business."""
    stack = path.parent.name
    lock = _read(path)
    if lock is None:
        yield Fault(f"stack {stack} is locked by a file that cannot be read", f"rm {shlex.quote(str(path))}")
    elif lock.is_over:
        yield Fault(
            f"stack {stack} is locked by a run that was killed (process {lock.process}, {lock.since})",
            unlock_command(stack, enter),
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a stack, since when."""

    process: int
    user: str
    host: str
    since: str

    @property
    def is_over(self) -> bool:
        """Whether it is certain that the run has ended."""
        return self.host == socket.gethostname() and not _runs(self.process)


def locks(backend: str, stack: str) -> list[Lock]:
    """Who holds `stack` where its state is in a folder; of other backends that is not known."""
    folder = folder_of(backend)
    files = sorted(folder.glob(f".pulumi/locks/**/{stack}/*.json")) if folder else []
    return [lock for file in files if (lock := _read(file))]


def folder_of(backend: str) -> Path | None:
    """The folder of a backend's URL, where it is one."""
    url = urlsplit(backend)
    return Path(unquote(url.netloc + url.path)).expanduser() if url.scheme == "file" else None


def unlock_command(stack: str, enter: str) -> str:
    """The command that takes a lock away; `enter` as for `faults`."""
    return f"{enter}pulumi cancel --yes --stack {stack}"


def _read(path: Path) -> Lock | None:
    try:
        lock = json.loads(path.read_bytes())
        since = str(lock["timestamp"])[:16].replace("T", " ")
        return Lock(int(lock["pid"]), str(lock.get("username", "")), str(lock["hostname"]), since)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # it may have gone meanwhile
        return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
