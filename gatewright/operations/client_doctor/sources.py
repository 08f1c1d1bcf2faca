"""Where a program on this machine reads a variable: the shell, otherwise the program's own dotenv file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gatewright.clients.common.program import Program
from gatewright.frozen import frozen
from gatewright.install import Machine
from gatewright.io.text_edits.dotenv_text import DotenvText

SHELL = "this shell"


@frozen
class Sources:
    """The sources of one program. Values are compared and sent, never shown."""

    machine: Machine
    program: Program | None

    def find(self, name: str) -> tuple[str | None, str]:
        """The value of a variable, None if there is none, and its location."""
        value = self.machine.variables.get(name, "").strip()
        return (value, SHELL) if value else (self.in_file().get(name), self.shown)

    @property
    def file(self) -> Path | None:
        """The dotenv file; None if the program reads none."""
        if self.program is None or self.program.folder is None or self.program.env_file is None:
            return None
        return self.program.folder.on(self.machine) / self.program.env_file

    @property
    def shown(self) -> str:
        """The dotenv file for display."""
        return self.machine.shown(self.file) if self.file else ""

    def write_command(self, command: str, names: Iterable[str]) -> str:
        """How to write the output of `command` to the file, readable by its owner only, and without leaving earlier
        values of `names` in it."""
        file = self.machine.argument(self.file) if self.file else ""
        existing = [name for name in names if name in self.in_file()]
        if existing:
            return f"replace {', '.join(existing)} in {file} with the output of: {command}"
        return f"(umask 077; {command} >> {file})"

    def in_file(self) -> Mapping[str, str]:
        """The variables in the file; none if it cannot be read, as for the program itself."""
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace") if self.file else ""
        except OSError:
            return {}
        return {name: value for name, value in (DotenvText(text).data or {}).items() if value}
