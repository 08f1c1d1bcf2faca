"""Faults of a state in a folder: empty side-car files, locks of killed runs, unreadable stacks."""

from __future__ import annotations

import os
import shlex
import socket
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gatewright.facts.engine_values import VERSION_OUTPUT
from gatewright.frozen import frozen
from gatewright.io.atomic import replace
from gatewright.io.processes import processes_of
from gatewright.io.system import OPEN_FOLDER, lock_file
from gatewright.io.untrusted import parse_json, read_regular_file

COMMAND_VARIABLE = "GATEWRIGHT_COMMAND_PROCESS"
"""In the environment of an engine: the process id of the command that started it."""


@frozen
class Fault:
    """A fault of a state folder, and the command that fixes it."""

    message: str
    fix: str


def find_faults(state: Path, prefix: str = "") -> Iterator[Fault]:
    """The faults of the backend in the folder `state`; none when it does not exist yet.

    `prefix` precedes a pulumi command for this backend.
    """
    yield from find_unreadable(state)
    for path in _lock_files(state):
        lock, stack = _read(path), path.parent.name
        if lock is not None and lock.is_over:
            yield Fault(
                f"stack {stack} is locked by a run that is no longer alive (process {lock.process}, {lock.since})",
                unlock_command(stack, prefix),
            )


def find_unreadable(state: Path) -> Iterator[Fault]:
    """The files that a full disk or a kill left empty or cut off. The engine's errors do not name them."""
    for path in sorted(state.glob(".pulumi/**/*.attrs")):
        if path.stat().st_size == 0:
            yield Fault(
                f"{path.name} is empty after a kill; every stack fails with EOF until it is removed; no state is lost",
                f"rm {shlex.quote(str(path))}",
            )
    meta = state / ".pulumi" / "meta.yaml"
    if meta.is_file() and not meta.read_bytes().strip():
        fix = f"echo version: 1 > {shlex.quote(str(meta))}"
        yield Fault(f"{meta.name} is empty, for example because the disk was full; no state is lost", fix)
    for path in sorted(state.glob(".pulumi/stacks/*/*.json")):
        if not _is_json(path):
            copy = _newest_copy(state, path)
            yield Fault(
                f"the state of stack {path.stem} cannot be read, for example because the disk was full",
                f"cp {shlex.quote(str(copy))} {shlex.quote(str(path))}" if copy else "restore a copy of it",
            )
    for path in _lock_files(state):
        if _read(path) is None and path.exists():  # a run that has just ended removes its lock
            text = f"stack {path.parent.name} is locked by a file that cannot be read, for example because the disk was"
            yield Fault(f"{text} full", f"rm {shlex.quote(str(path))}")


def _lock_files(state: Path) -> list[Path]:
    return sorted(state.glob(".pulumi/locks/**/*.json"))


def _is_json(path: Path) -> bool:
    try:
        parse_json(read_regular_file(path))
    except ValueError:
        return False
    return True


def _newest_copy(state: Path, path: Path) -> Path | None:
    """The newest readable copy of a stack's state: the engine keeps the one before, and one of each run."""
    kept = state.glob(f".pulumi/backups/{path.parent.name}/{path.stem}/*.json")
    copies = [path.with_name(path.name + ".bak"), *sorted(kept, reverse=True)]
    return next((copy for copy in copies if copy.is_file() and _is_json(copy)), None)


def restore_state(state: Path, stack: str) -> Path | None:
    """Replace a state of `stack` that cannot be read by its newest readable copy; return that, or None without one.

    A state that can be read is never replaced, nor one with a lock: its run may be about to write it. Raises OSError.
    """
    for path in state.glob(f".pulumi/stacks/*/{stack}.json"):
        folder = os.open(path.parent, OPEN_FOLDER)
        try:
            lock_file(folder)  # another command may be restoring it, and an engine may then have written it
            is_locked = any(state.glob(f".pulumi/locks/**/{stack}/*.json"))
            copy = None if is_locked or _is_json(path) else _newest_copy(state, path)
            if copy:
                replace(folder, path.name, copy.read_bytes(), stat.S_IMODE(path.stat().st_mode))
                return copy
        finally:
            os.close(folder)
    return None


@frozen
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

    @property
    def lost_its_command(self) -> bool:
        """Whether the engine runs on although the command that started it was killed."""
        if self.host != socket.gethostname() or (processes := processes_of(sys.platform)) is None:
            return False
        command = (processes.variables(self.process) or {}).get(COMMAND_VARIABLE)
        return command is not None and not _runs(int(command))


def describe_lock(stack: str, lock: Lock, unlock: str) -> str:
    """A sentence that says who holds the stack, and what to do; `unlock` removes the lock."""
    holder = f"{lock.user}@{lock.host}, process {lock.process}, since {lock.since}"
    if lock.is_over:
        return f"stack {stack} is locked by a run that is no longer alive ({holder}). To unlock it: {unlock}"
    if lock.lost_its_command:
        return (
            f"stack {stack} is locked by an engine whose command was killed ({holder}). It finishes by itself; to stop "
            f"it earlier: kill -INT {lock.process}"
        )
    return f"stack {stack} is locked by a run ({holder}). If it has ended, unlock the stack: {unlock}"


def find_locks(backend: str, stack: str) -> list[Lock]:
    """The locks of `stack`; none for a backend that is not a folder, whose locks are not known."""
    folder = backend_folder(backend)
    files = sorted(folder.glob(f".pulumi/locks/**/{stack}/*.json")) if folder else []
    return [lock for file in files if (lock := _read(file))]


def backend_folder(backend: str) -> Path | None:
    """The folder of a backend's URL, if it is a folder."""
    url = urlsplit(backend)
    return Path(unquote(url.netloc + url.path)).expanduser() if url.scheme == "file" else None


def state_version(state: Path, project_name: str, stack: str) -> str | None:
    """The version of gatewright that wrote a stack of the backend in the folder `state`; None if it is not recorded."""
    try:
        return written_version(read_deployment(state, project_name, stack).get("resources") or ())
    except (LookupError, TypeError):  # the engine reports it
        return None


def read_deployment(state: Path, project_name: str, stack: str) -> Mapping[str, Any]:
    """The `deployment` of a stack of the backend in the folder `state`, as `pulumi stack export` prints it.

    Empty for no stack, an empty one, or one that the engine reports.
    """
    try:
        text = read_regular_file(state / ".pulumi" / "stacks" / project_name / f"{stack}.json")
        latest = parse_json(text)["checkpoint"]["latest"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return latest if isinstance(latest, dict) else {}


def written_version(resources: Iterable[Mapping[str, Any]]) -> str | None:
    """The version of gatewright in the outputs of a state's stack; None if it is not recorded."""
    outputs = (each.get("outputs") or {} for each in resources if each["type"] == "pulumi:pulumi:Stack")
    return next((str(found[VERSION_OUTPUT]) for found in outputs if VERSION_OUTPUT in found), None)


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
