"""Engine processes of this process, each in a process group of its own: whatever interrupts us interrupts them.

A terminal signals all processes that we started, a CI runner or `kill` signals us alone. In its own process group an
engine gets only the signals that we pass on, and saves its state before it ends. Its output goes to a file: a pipe
would break if we are killed, and end the engine at its next line, with the stack locked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from gatewright.engine.state import COMMAND_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_running: set[subprocess.Popen[bytes]] = set()


def run_process(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """Run `command`; return its output and exit code. After an interrupt raises KeyboardInterrupt once it has ended."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, COMMAND_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        _running.add(process)
        try:
            _wait(process)
        finally:
            _running.discard(process)
        output.seek(0)
        return output.read().decode(errors="replace"), process.returncode


def interrupt() -> None:
    """Interrupt all engines. After the first interrupt an engine finishes what is under way, the second ends it."""
    for process in tuple(_running):  # no lock: this runs in a signal handler, which may have interrupted the holder
        process.send_signal(signal.SIGINT)


def _wait(process: subprocess.Popen[bytes]) -> None:
    interrupted = False
    while True:
        try:
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
            interrupt()
            continue
        if interrupted:
            raise KeyboardInterrupt
        return
