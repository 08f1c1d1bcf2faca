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
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from gatewright.engine.state import COMMAND_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_running: set[subprocess.Popen[bytes]] = set()
_interrupted = Event()


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
        if _interrupted.is_set():
            process.send_signal(signal.SIGINT)
        try:
            _wait(process)
        finally:
            _running.discard(process)
        output.seek(0)
        return output.read().decode(errors="replace"), process.returncode


def interrupt() -> None:
    """Interrupt all engines, and each that is started within `until_interrupted`.

    After the first interrupt an engine finishes what is under way, the second ends it.
    """
    _interrupted.set()
    for process in tuple(_running):  # no lock: this runs in a signal handler, which may have interrupted the holder
        process.send_signal(signal.SIGINT)


@contextmanager
def until_interrupted() -> Iterator[None]:
    """Work that `interrupt` may end: engines that it starts later have nothing to finish."""
    try:
        yield
    finally:
        _interrupted.clear()


def _wait(process: subprocess.Popen[bytes]) -> None:
    interrupted = False
    while True:
        try:
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)
            continue
        if interrupted:
            raise KeyboardInterrupt
        return
