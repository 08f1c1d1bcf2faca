"""Client-side rate limits, below Cloudflare's for its API."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatewright.io.system import lock_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PER_SECOND = 3.5  # Cloudflare allows 1,200 calls in 5 minutes, and blocks all calls for 5 minutes beyond that
SHARED_FILE: Final = "GATEWRIGHT_PACE"
"""The variable with the file by which processes share one limit: the plugins of several engines."""
MAX_QUEUE = 600.0
"""Seconds. A time in the file beyond that was written before the machine was restarted."""


class RateLimiter:
    """Let at most `per_second` calls begin, over all threads; None is no limit. `calls` counts them."""

    def __init__(
        self,
        per_second: float | None = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self.calls = 0

    def wait(self) -> None:
        """Block until the next call may begin."""
        with self._lock:
            self.calls += 1
            now = self._clock()
            start = self._reserve(now)
        if start > now:
            self._sleep(start - now)

    def _reserve(self, now: float) -> float:
        """When the next call may begin."""
        start = max(now, self._next)
        self._next = start + self._interval
        return start


class SharedRateLimiter(RateLimiter):
    """One limit for all processes of this machine that use the same file. The clock counts from the machine's start."""

    def __init__(
        self,
        file: Path,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(PER_SECOND, clock, sleep)
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def _reserve(self, now: float) -> float:
        with self._file.open("a+") as file:
            lock_file(file.fileno())
            file.seek(0)
            reserved = _seconds(file.read())
            start = max(now, reserved) if reserved < now + MAX_QUEUE else now
            file.truncate(0)
            file.write(f"{start + self._interval:.3f}")
        return start


def default_rate_limiter(variables: Mapping[str, str], *, is_local: bool) -> RateLimiter:
    """The shared one where `variables` name its file; no limit for the Cloudflare on this machine."""
    file = variables.get(SHARED_FILE)
    return SharedRateLimiter(Path(file)) if file else RateLimiter(None if is_local else PER_SECOND)


def _seconds(text: str) -> float:
    """The time in a file; 0 where it is empty or was cut off."""
    try:
        return float(text)
    except ValueError:
        return 0.0
