"""The machine that a client runs on: its home and its variables, which say where files belong."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.facts.programs import Folder


@dataclass(frozen=True, slots=True)
class Machine:
    """A home, the variables of the shell, and the folder that the user is in."""

    home: Path
    variables: Mapping[str, str]
    folder: Path

    @classmethod
    def here(cls) -> Machine:
        """This one. Raises UsageError where nobody says which folder is the home."""
        named = os.environ.get("HOME")
        home = os.path.expanduser("~") if named is None else named  # noqa: PTH111  as it is where there is none
        if not os.path.isabs(home):  # noqa: PTH117
            raise UsageError("no home folder is known: clients keep their files there", "export HOME=/home/…")
        return cls(Path(home), dict(os.environ), Path.cwd())

    def place(self, variable: str, otherwise: Path) -> Path:
        """What `variable` names, with ~ for the home; `otherwise` where it is not set."""
        written = self.variables.get(variable, "").strip()
        return self.path(written) if written else otherwise

    def folder_of(self, folder: Folder) -> Path:
        """Where a program keeps its own files on this machine."""
        home = self.place(folder.home, self.home) if folder.home else self.home
        return self.place(folder.variable, home / folder.name)

    def path(self, written: str | Path) -> Path:
        """A path as a user writes it, made absolute; symlinks stay."""
        parts = Path(written).parts
        if parts and parts[0] == "~":
            return self.home.joinpath(*parts[1:])
        return Path(os.path.normpath(self.folder / written))

    @property
    def config(self) -> Path:
        """The folder of settings, as the XDG Base Directory Specification has it."""
        return self.place("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def state(self) -> Path:
        """Where gatewright remembers what it has installed on this machine."""
        return self.place("XDG_STATE_HOME", self.home / ".local" / "state") / "gatewright"

    def shown(self, path: Path) -> str:
        """`path` as people write it: ~ for the home."""
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)

    def argument(self, path: Path) -> str:
        """`path` as a shell takes it."""
        shown = self.shown(path)
        return shown if shown == shlex.quote(shown).replace("'", "") else shlex.quote(str(path))
