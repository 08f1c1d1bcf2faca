"""Run a program's own check of its files, on copies, before any file of the user is changed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gatewright.clients.common.installation import Validator
from gatewright.clients.common.machine import Machine
from gatewright.frozen import frozen
from gatewright.install.copies import Copy, copy_references, write_private

TIMEOUT = 60.0  # seconds; the slowest program takes eight on an idle machine
_MAX_LINE = 200  # characters of its last line that are shown
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@frozen
class Verdict:
    """The result of a check: the reason for a refusal, or the reason why the program could not run. If both are None,
    the program accepts the files."""

    program: str
    refusal: str | None = None
    not_run: str | None = None


def run_validator(
    validator: Validator | None, copies: Mapping[str, Copy], machine: Machine, scratch: Path
) -> Verdict | None:
    """Run the program on `copies`, by name, in a temporary home in `scratch`; None if there is no validator.

    The program sees no variable of the user but PATH, so it has no credential to send. It sees copies of the files that
    its files refer to. If one cannot be copied, a refusal means nothing.
    """
    if validator is None:
        return None
    path = machine.variables.get("PATH", os.defpath)
    program = shutil.which(validator.program, path=path)
    if program is None:
        return Verdict(validator.program, not_run="not on PATH")
    folder, missing = None, list[str]()
    try:
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(prefix="check-", dir=scratch))
        for name, copy in copies.items():
            write_private(folder / name, copy.data)
        for name, copy in copies.items():
            missing += copy_references(validator, copy, folder / name, folder, machine)
        variables = {name: _fill(value, folder) for name, value in validator.variables.items()}
        command = [program, *(_fill(argument, folder) for argument in validator.arguments)]
        result = run_captured(command, {"HOME": str(folder), "PATH": path, "LANG": "C.UTF-8", **variables}, folder)
    except OSError as error:
        result = f"a copy cannot be written: {error.strerror}"
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    if isinstance(result, str):
        return Verdict(validator.program, not_run=result)
    verdict = _verdict(validator, *result)
    if verdict.refusal is not None and missing:
        return Verdict(validator.program, not_run=f"a copy cannot be checked without {', '.join(missing)}")
    return verdict


def _verdict(validator: Validator, exit_code: int, output: str) -> Verdict:
    """Only the program's own words count as a refusal: a program that cannot run here fails too."""
    output = _ESCAPE.sub("", output)
    refusal = validator.refusal(output)
    if refusal is not None:
        return Verdict(validator.program, refusal=refusal)
    if validator.accepts(exit_code, output):
        return Verdict(validator.program)
    end = f"exit {exit_code}" if exit_code >= 0 else signal.strsignal(-exit_code) or f"signal {-exit_code}"
    last = next((line.strip()[:_MAX_LINE] for line in reversed(output.splitlines()) if line.strip()), None)
    return Verdict(validator.program, not_run=f"it could not run ({end}{f': {last}' if last else ''})")


def remove_leftovers(scratch: Path) -> None:
    """Remove the copies of runs that were killed."""
    for folder in scratch.glob("check-*"):
        shutil.rmtree(folder, ignore_errors=True)


def run_captured(
    command: list[str], variables: Mapping[str, str], folder: Path, timeout: float = TIMEOUT
) -> tuple[int, str] | str:
    """Run a program in `folder`. Returns exit code and output, or why there is none.

    Child processes are killed, not waited for: a file receives the output, because a pipe ends with the last of them.
    """
    with tempfile.TemporaryFile() as out:
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
            return f"{command[0]} cannot be started: its interpreter does not exist"
        except OSError as error:
            return f"{command[0]} cannot be started: {error.strerror}"
        with process:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                return f"it did not end within {timeout:.0f} s"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        out.seek(0)
        return process.returncode, out.read().decode(errors="replace")


def _fill(text: str, folder: Path) -> str:
    return text.replace("{folder}", str(folder))
