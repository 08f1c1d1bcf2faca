"""The program's own check of its files, on copies: before anything of the user's is touched."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.install.machine import Machine
    from gatewright.install.targets import Validator

LONGEST = 60.0  # seconds; the slowest takes eight on an idle machine


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the program said: `refusal` is None where it takes the files; `unasked` says why it was not asked."""

    program: str
    refusal: str | None = None
    unasked: str | None = None


def ask(validator: Validator | None, copies: Mapping[str, bytes], machine: Machine, scratch: Path) -> Verdict | None:
    """Runs the program in a home of its own below `scratch` that holds `copies`, by name; None where it has no check.

    It sees none of the user's variables but PATH, so it has no credential to send anywhere.
    """
    if validator is None:
        return None
    path = machine.variables.get("PATH", os.defpath)
    program = shutil.which(validator.program, path=path)
    if program is None:
        return Verdict(validator.program, unasked="not on PATH")
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=scratch))
    try:
        for name, data in copies.items():
            _write(folder / name, data)
        variables = {name: _filled(value, folder) for name, value in validator.variables.items()}
        command = [program, *(_filled(each, folder) for each in validator.arguments)]
        ran = _run(command, {"HOME": str(folder), "PATH": path, "LANG": "C.UTF-8", **variables}, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ran is None:
        return Verdict(validator.program, unasked=f"it did not answer within {LONGEST:.0f} s")
    return Verdict(validator.program, refusal=validator.refusal(*ran))


def sweep(scratch: Path) -> None:
    """Removes what runs that were killed have left below `scratch`."""
    for folder in scratch.glob("check-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], variables: Mapping[str, str], folder: Path) -> tuple[int, str] | None:
    """Exit code and all that was printed; None where it takes too long, or cannot be started. Nothing it started
    outlives it."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError:
        return None
    with process:
        try:
            out, _ = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out.decode(errors="replace")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _filled(text: str, folder: Path) -> str:
    return text.replace("{folder}", str(folder))
