"""Processes that the host starts for the engine, each in its own process group, and ends together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

from gatewright.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE = 5.0
"""Seconds that an interrupted process has to exit."""


class Processes:
    """The running processes. After an interrupt no further ones are started, since the run was cancelled."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self.interrupted = False

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str | None = None,
        output: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `command`. Both its streams go to `output` (subprocess.PIPE), or to those of this process.

        Raises EngineError after `interrupt`.
        """
        with self._lock:
            if self.interrupted:
                raise EngineError("this run was cancelled")
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
            self._running.add(process)
        return process

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for `process` and return its exit code."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code

    def interrupt(self) -> None:
        """End every running process with its group, with SIGKILL after GRACE.

        SIGTERM, because Python prints a traceback for SIGINT, even during its start-up.
        """
        with self._lock:
            self.interrupted = True
            running = list(self._running)
        for process in running:
            signal_group(process, signal.SIGTERM)
        for process in running:
            _end(process)


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """End `process` and its group, with SIGKILL after GRACE."""
    signal_group(process, signal.SIGTERM)
    _end(process)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the group of `process` if it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, number)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        signal_group(process, signal.SIGKILL)
