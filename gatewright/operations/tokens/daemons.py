"""The running processes of a daemon, and the variables that each was started with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.clients.common.program import Program

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process. `variables` are digests by name; None where only another user may read them."""

    pid: int
    variables: Mapping[str, str] | None


def find_running(program: Program, processes: Path = PROCESSES) -> list[RunningProcess] | None:
    """The daemons of `program`, by process id; None on a system without /proc."""
    if not (processes / "self").exists():
        return None
    return sorted(_daemons(program, processes), key=lambda process: process.pid)


def digest(value: str) -> str:
    """A digest to compare values by, so that no secret of another process is held here."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _daemons(program: Program, processes: Path) -> Iterator[RunningProcess]:
    for folder in processes.glob("[0-9]*"):
        try:
            command_line = (folder / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if program.is_daemon(command_line.decode(errors="replace").rstrip("\0 ").split("\0")):
            yield RunningProcess(int(folder.name), _variables(folder))


def _variables(folder: Path) -> dict[str, str] | None:
    try:
        lines = (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    pairs = (line.decode("utf-8", "surrogateescape").partition("=") for line in lines if line)
    return {name: digest(value) for name, _, value in pairs}
