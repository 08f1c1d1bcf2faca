"""Where a program on this machine finds a variable: in the shell, else in the dotenv file that it reads itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.io.text_edits.dotenv_text import DotenvText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gatewright.clients.common.program import Program
    from gatewright.install import Machine

SHELL = "this shell"


@dataclass(frozen=True, slots=True)
class Sources:
    """Those of one program. Values are for comparing and sending, never for showing."""

    machine: Machine
    program: Program | None

    def find(self, name: str) -> tuple[str | None, str]:
        """The value of a variable and where it stands; None where it is nowhere."""
        value = self.machine.variables.get(name, "").strip()
        return (value, SHELL) if value else (self.in_file().get(name), self.shown)

    @property
    def file(self) -> Path | None:
        """The dotenv file; None where the program reads none."""
        if self.program is None or self.program.folder is None or self.program.env_file is None:
            return None
        return self.program.folder.on(self.machine) / self.program.env_file

    @property
    def shown(self) -> str:
        """The same as people write it."""
        return self.machine.shown(self.file) if self.file else ""

    def put(self, command: str, names: Iterable[str]) -> str:
        """How what `command` prints comes into the file: no earlier value of `names` is to stay beside it, and nobody
        else is to read it."""
        file = self.machine.argument(self.file) if self.file else ""
        there = [name for name in names if name in self.in_file()]
        if there:
            return f"replace {', '.join(there)} in {file} by what this prints: {command}"
        return f"(umask 077; {command} >> {file})"

    def in_file(self) -> Mapping[str, str]:
        """What the file sets; nothing where it cannot be read, as for the program itself."""
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace") if self.file else ""
        except OSError:
            return {}
        return {name: value for name, value in (DotenvText(text).data or {}).items() if value}
