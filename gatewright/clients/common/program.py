"""A client's program on a machine: its command, its package, its daemon and the folder of its own files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatewright.clients.common.machine import Machine


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process of the program that keeps running, with the variables it was started with.

    `subcommand` is one of its first arguments. `restart` tells how it gets new variables; {run} is the command
    `gatewright run ENV --`.
    """

    name: str  # OpenClaw's gateway
    subcommand: str | None
    restart: str


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of the program's own files: the value of `variable`, otherwise `name` in the home folder. Some
    programs have another home folder, the value of `home_variable`."""

    name: str
    variable: str
    home_variable: str | None = None

    def on(self, machine: Machine) -> Path:
        """The folder on a machine."""
        home = machine.place(self.home_variable, machine.home) if self.home_variable else machine.home
        return machine.place(self.variable, home / self.name)


@dataclass(frozen=True, slots=True)
class Program:
    """One program; `package` names it and, in brackets, its registry.

    `version` are the arguments that print the version. `env_file` is a dotenv file in `folder`, from which the program
    reads variables that its environment lacks.
    """

    command: str
    package: str
    version: tuple[str, ...] = ("--version",)
    daemon: Daemon | None = None
    folder: Folder | None = None
    env_file: str | None = None

    def is_daemon(self, arguments: Sequence[str]) -> bool:
        """Whether a process with these arguments is the program's daemon: started by its script, under any interpreter,
        or with the title that the daemon gives itself."""
        if self.daemon is None or not arguments:
            return False
        subcommand = self.daemon.subcommand
        if subcommand and PurePosixPath(arguments[0]).name == f"{self.command}-{subcommand}":
            return True
        started = any(self.command in (*path.parts, path.stem) for path in map(PurePosixPath, arguments[:2]))
        return started and (subcommand is None or subcommand in arguments[1:4])
