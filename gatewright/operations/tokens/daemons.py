"""The running processes of a program that goes on running, and the variables that each was started with."""

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
class Running:
    """One process; `variables` are digests by name, None where only its user may see them."""

    pid: int
    variables: Mapping[str, str] | None


def running(program: Program, processes: Path = PROCESSES) -> list[Running] | None:
    """Those of `program`, by their ids; None where this system does not show them (it has no /proc)."""
    if not (processes / "self").exists():
        return None
    return sorted(_found(program, processes), key=lambda process: process.pid)


def digest(value: str) -> str:
    """What values are compared by, so that none of another process is ever held here."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _found(program: Program, processes: Path) -> Iterator[Running]:
    for folder in processes.glob("[0-9]*"):
        try:
            said = (folder / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        if program.is_daemon(said.decode(errors="replace").rstrip("\0 ").split("\0")):
            yield Running(int(folder.name), _variables(folder))


def _variables(folder: Path) -> dict[str, str] | None:
    try:
        lines = (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return None
    pairs = (line.decode("utf-8", "surrogateescape").partition("=") for line in lines if line)
    return {name: digest(value) for name, _, value in pairs}
