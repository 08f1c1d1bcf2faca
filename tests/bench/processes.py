"""The processes of this machine: processor time and memory, from /proc, or elsewhere from `ps`."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process: seconds of processor time, MiB of memory, and its command line.

    The memory is the most that it has had since it started, or with `ps` what it has now.
    """

    pid: int
    parent: int
    seconds: float
    memory: float
    command: str


def family(ancestor: int) -> list[Process]:
    """A process and all that descend from it."""
    return select_family(processes(), ancestor)


def select_family(table: Iterable[Process], ancestor: int) -> list[Process]:
    """Those of the table that are or descend from `ancestor`."""
    by_parent: dict[int, list[Process]] = {}
    selected: list[Process] = []
    for process in table:
        by_parent.setdefault(process.parent, []).append(process)
        if process.pid == ancestor:
            selected.append(process)
    for process in selected:
        selected += by_parent.get(process.pid, [])
    return selected


def processes() -> Iterator[Process]:
    """All processes that can be read."""
    return from_proc() if (PROC / "self" / "stat").exists() else from_ps()


def from_proc() -> Iterator[Process]:
    """All processes by Linux's /proc; those that end meanwhile and the kernel's own are left out."""
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "VmHWM" in status:
            seconds = (int(fields[11]) + int(fields[12])) / ticks
            yield Process(int(folder.name), int(fields[1]), seconds, int(status["VmHWM"].split()[0]) / 1024, command)


def from_ps() -> Iterator[Process]:
    """All processes by `ps` as POSIX has it."""
    command = ["ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "time=", "-o", "rss=", "-o", "args="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        pid, parent, spent, kibibytes, *arguments = line.split()
        yield Process(int(pid), int(parent), _seconds(spent), int(kibibytes) / 1024, " ".join(arguments))


def _seconds(text: str) -> float:
    """[[days-]hours:]minutes:seconds as a number."""
    days, _, rest = text.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + 86_400 * int(days or 0)
