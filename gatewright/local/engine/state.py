"""What can be wrong with a state kept in a folder: side-car files cut short, locks of killed runs, broken stacks."""

from __future__ import annotations

import json
import os
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


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
    try:
        lock = json.loads(path.read_bytes())
        pid, host = int(lock["pid"]), str(lock["hostname"])
        since = str(lock["timestamp"])[:16].replace("T", " ")
    except (ValueError, KeyError, TypeError):
        yield Fault(f"stack {stack} is locked by a file that cannot be read", f"rm {shlex.quote(str(path))}")
        return
    if host == socket.gethostname() and not _runs(pid):
        yield Fault(
            f"stack {stack} is locked by a run that was killed (process {pid}, {since})",
            f"{enter}pulumi cancel --yes --stack {stack}",
        )


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
