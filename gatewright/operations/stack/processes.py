"""Engine processes of this process, each in a process group of its own: whatever interrupts us interrupts them.

A terminal signals all processes that we started, a CI runner or `kill` signals us alone. In its own process group an
engine gets only the signals that we pass on, and saves its state before it ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from gatewright.engine.state import COMMAND_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_running: set[subprocess.Popen[str]] = set()


def run_process(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """Run `command`; return its output and exit code. After an interrupt raises KeyboardInterrupt once it has ended."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, COMMAND_VARIABLE: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    )
    _running.add(process)
    try:
        return _wait(process), process.returncode
    finally:
        _running.discard(process)


def interrupt() -> None:
    """Interrupt all engines. After the first interrupt an engine finishes what is under way, the second ends it."""
    for process in tuple(_running):  # no lock: this runs in a signal handler, which may have interrupted the holder
        process.send_signal(signal.SIGINT)


def _wait(process: subprocess.Popen[str]) -> str:
    interrupted = False
    while True:
        try:
            output, _ = process.communicate()
        except KeyboardInterrupt:
            interrupted = True
            interrupt()
            continue
        if interrupted:
            raise KeyboardInterrupt
        return output
