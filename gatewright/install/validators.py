"""The program's own check of its files, on copies: before anything of the user's is touched."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.clients.common.installation import Validator
    from gatewright.clients.common.machine import Machine

LONGEST = 60.0  # seconds; the slowest takes eight on an idle machine
_LINE = 200  # characters of its last one that are shown
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the program said: `unasked`: why it said nothing; else `refusal` is None where it takes the files."""

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
    try:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(prefix="check-", dir=scratch))
    except OSError as error:
        return Verdict(validator.program, unasked=f"there is no place for a copy: {error.strerror}")
    try:
        for name, data in copies.items():
            _write(folder / name, data)
        variables = {name: _filled(value, folder) for name, value in validator.variables.items()}
        command = [program, *(_filled(each, folder) for each in validator.arguments)]
        ran = _run(command, {"HOME": str(folder), "PATH": path, "LANG": "C.UTF-8", **variables}, folder)
    except OSError as error:
        ran = f"there is no place for a copy: {error.strerror}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Verdict(validator.program, unasked=ran) if isinstance(ran, str) else _verdict(validator, *ran)


def _verdict(validator: Validator, exit_code: int, said: str) -> Verdict:
    """It refuses in its own words alone: a program that cannot run here fails too, and says nothing of the files."""
    said = _ESCAPE.sub("", said)
    refusal = validator.refusal(said)
    if refusal is not None:
        return Verdict(validator.program, refusal=refusal)
    if validator.accepts(exit_code, said):
        return Verdict(validator.program)
    end = f"exit {exit_code}" if exit_code >= 0 else signal.strsignal(-exit_code) or f"signal {-exit_code}"
    last = next((line.strip()[:_LINE] for line in reversed(said.splitlines()) if line.strip()), None)
    return Verdict(validator.program, unasked=f"it could not run ({end}{f': {last}' if last else ''})")


def sweep(scratch: Path) -> None:
    """Removes what runs that were killed have left below `scratch`."""
    for folder in scratch.glob("check-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], variables: Mapping[str, str], folder: Path) -> tuple[int, str] | str:
    """Exit code and all that was printed; else why there is none. Nothing it started outlives it, nor is waited for:
    hence a file instead of a pipe, which ends with the last of them."""
    with tempfile.TemporaryFile(dir=folder.parent) as out:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError:
            return f"{command[0]} cannot be started: the interpreter that it names is not there"
        except OSError as error:
            return f"{command[0]} cannot be started: {error.strerror}"
        with process:
            try:
                process.wait(LONGEST)
            except subprocess.TimeoutExpired:
                return f"it did not answer within {LONGEST:.0f} s"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        out.seek(0)
        return process.returncode, out.read().decode(errors="replace")


def _write(path: Path, data: bytes) -> None:
    """For its owner alone: the user's file may hold secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _filled(text: str, folder: Path) -> str:
    return text.replace("{folder}", str(folder))
