"""Processes that the host starts for the engine: each its own group, ended quietly and together."""

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
"""Seconds that an interrupted process has to end by itself."""


class Processes:
    """The running ones. Once interrupted, it starts no more: a run that was cancelled must not come back."""

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
        """Start `command`; both its streams go to `output` (subprocess.PIPE), or where this process's own go.

        Raises EngineError once `interrupt` was called.
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
        """The exit code of `process`, once it has ended."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code

    def interrupt(self) -> None:
        """End every running process, the whole group of each; by force after GRACE.

        With SIGTERM: Python shows a traceback for SIGINT wherever it is, even in its own start-up.
        """
        with self._lock:
            self.interrupted = True
            running = list(self._running)
        for process in running:
            signal_group(process, signal.SIGTERM)
        for process in running:
            _end(process)


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """End `process` and its whole group, if it still runs; by force after GRACE."""
    signal_group(process, signal.SIGTERM)
    _end(process)


def signal_group(process: subprocess.Popen[bytes], what: signal.Signals) -> None:
    """Send `what` to the whole group of `process`, if it is still there."""
    if process.poll() is None:
        os.killpg(process.pid, what)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        signal_group(process, signal.SIGKILL)
