"""A client's program on a machine: its command, its package, its daemon and the folder of its own files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from gatewright.clients.common.machine import Machine
from gatewright.frozen import frozen


@frozen
class Daemon:
    """A process of the program that keeps running, with the variables it was started with.

    `subcommand` is one of its first arguments. `restart` tells how it gets new variables; {run} is the command
    `gatewright run ENV --`. `config_option` precedes the path of its configuration.
    """

    name: str  # OpenClaw's gateway
    subcommand: str | None
    restart: str
    config_option: str | None = None

    def reads_any(self, files: Collection[Path], arguments: Sequence[str]) -> bool:
        """Whether a process with these arguments may read one of `files`: it does not name another absolute path."""
        words = [word for argument in arguments for word in argument.split("=", 1)]  # --config FILE and --config=FILE
        named = [Path(value) for option, value in pairwise(words) if option == self.config_option]
        return all(path in files or not path.is_absolute() for path in named)


@frozen
class Folder:
    """The folder of the program's own files: the value of `variable`, if it has one, otherwise `name` in the home
    folder. Some programs have another home folder, the value of `home_variable`."""

    name: str
    variable: str | None = None
    home_variable: str | None = None

    def on(self, machine: Machine) -> Path:
        """The folder on a machine."""
        home = machine.place(self.home_variable, machine.home) if self.home_variable else machine.home
        return machine.place(self.variable, home / self.name) if self.variable else home / self.name


@frozen
class Precedence:
    """Where a program takes its settings and the credential from, the strongest source first, in Markdown.

    {installed} is the file that install writes, once in `settings`; {variable} the variables that hold the credential.
    """

    settings: tuple[str, ...]
    credential: tuple[str, ...]


@frozen
class Program:
    """One program; `package` names it and, in brackets, its registry.

    `version` are the arguments that print the version. `env_file` is a dotenv file in `folder`, from which the program
    reads variables that its environment lacks. `precedence` is for the documents. `reload_command`: the command after
    which a running program asks for its token again, where it does not do so by itself. `quiet`: variables that keep it
    from calling anyone but the models: no update, no telemetry, no lists from the network.
    """

    command: str
    package: str
    version: tuple[str, ...] = ("--version",)
    daemon: Daemon | None = None
    folder: Folder | None = None
    env_file: str | None = None
    precedence: Precedence | None = None
    reload_command: str = ""
    quiet: Mapping[str, str] = field(default_factory=dict)

    def is_daemon(self, arguments: Sequence[str], files: Collection[Path]) -> bool:
        """Whether a process with these arguments is the program's daemon and may read one of `files`: started by its
        script, under any interpreter, or with the title that the daemon gives itself."""
        if self.daemon is None or not arguments or not self.daemon.reads_any(files, arguments):
            return False
        subcommand = self.daemon.subcommand
        if subcommand and PurePosixPath(arguments[0]).name == f"{self.command}-{subcommand}":
            return True
        started = any(self.command in (*path.parts, path.stem) for path in map(PurePosixPath, arguments[:2]))
        return started and (subcommand is None or subcommand in arguments[1:4])
