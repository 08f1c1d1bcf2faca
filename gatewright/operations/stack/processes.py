"""The engines that run for this process, each in a process group of its own: who interrupts us interrupts them.

A terminal signals us and all that we started, a runner of CI or `kill` us alone. Apart from us an engine gets what we
hand on, whoever it came from, and saves its state before it ends.
"""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_running: set[subprocess.Popen[str]] = set()


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """All that it printed, and its exit code. Raises KeyboardInterrupt once it has ended after one."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    )
    _running.add(process)
    try:
        return _to_its_end(process), process.returncode
    finally:
        _running.discard(process)


def interrupt() -> None:
    """The first time an engine begins no more and ends what it is at; the second time it ends at once."""
    for process in tuple(_running):  # no lock: a handler of signals may have interrupted who holds it
        process.send_signal(signal.SIGINT)


def _to_its_end(process: subprocess.Popen[str]) -> str:
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
