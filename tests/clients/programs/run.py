"""Running a client program shut off from this machine's own settings, and ending all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .install import Program

PATIENCE = 180  # seconds; the longest of them takes five


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended and what it printed."""

    exit_code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Home:
    """A program with a home of its own: `variables` are all that it sees beside HOME and PATH."""

    program: Program
    folder: Path
    variables: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> Ran:
        """Runs to the end, or fails after PATIENCE; nothing it started outlives it."""
        command: Sequence[str | Path] = [*self.program.command, *arguments]
        env = {
            "HOME": str(self.folder),
            "PATH": f"{self.program.folder}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DO_NOT_TRACK": "1",
            **self.variables,
            **variables,
        }
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=PATIENCE)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return Ran(process.returncode, out, err)
