"""The running processes of a daemon, and the variables that each was started with."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.io.processes import processes_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from gatewright.clients.common.program import Program
    from gatewright.io.processes import Processes

HERE = processes_of(sys.platform)


@frozen
class RunningProcess:
    """A process. `variables` are digests by name; None where only another user may read them."""

    pid: int
    variables: Mapping[str, str] | None


def find_running(
    program: Program, files: Collection[Path], processes: Processes | None = HERE
) -> list[RunningProcess] | None:
    """The daemons of `program` that may read one of `files`, by process id; None on a system whose processes cannot be
    read. One that was started with another file serves another configuration."""
    if processes is None:
        return None
    daemons = sorted(pid for pid, arguments in processes.arguments() if program.is_daemon(arguments, files))
    return [RunningProcess(pid, _digests(processes.variables(pid))) for pid in daemons]


def digest(value: str) -> str:
    """A digest to compare values by, so that no secret of another process is held here."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _digests(variables: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if variables is None else {name: digest(value) for name, value in variables.items()}
