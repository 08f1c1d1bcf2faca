"""Run a client's program in a home of its own, and end all processes that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatewright.clients.common.client_file import ClientFile

from .install import Program
from .tested_program import TestedProgram

TIMEOUT = 180  # seconds; the slowest program takes five


@dataclass(frozen=True, slots=True)
class Ran:
    """The exit code and output of a program."""

    exit_code: int
    out: str
    err: str

    @property
    def output(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Home:
    """A program in a home of its own; it sees no variables but HOME, PATH and `variables`."""

    tested: TestedProgram
    program: Program
    folder: Path
    variables: Mapping[str, str]

    def write(self, files: Iterable[ClientFile]) -> None:
        """Write files of the client over those of the home."""
        for file in files:
            (self.folder / file.path).write_text(file.text, encoding="utf-8")

    def ask(self, model: str = "", **variables: str) -> Ran:
        """Send the prompt."""
        return self.run(*self.tested.arguments(home=self.folder, model=model), **variables)

    def run(self, *arguments: str, **variables: str) -> Ran:
        """Run the program until it ends, or fail after TIMEOUT. Child processes are killed."""
        program = [str(part) for part in self.program.command]
        command = self.tested.command(program, arguments, self.folder)
        with subprocess.Popen(
            command,
            cwd=self.folder / self.tested.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=TIMEOUT)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return Ran(process.returncode, out, err)

    @property
    def environment(self) -> dict[str, str]:
        """All variables that the program sees."""
        return {
            "HOME": str(self.folder),
            "PATH": f"{self.program.folder}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DO_NOT_TRACK": "1",
            **self.variables,
        }
