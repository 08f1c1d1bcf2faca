"""Calls at a rate that Cloudflare bears."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PER_SECOND = 3.5  # Cloudflare takes 1,200 calls in 5 minutes, and blocks all for 5 minutes beyond


class Pace:
    """Lets at most `per_second` calls begin, over all threads; None lets all."""

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

    def wait(self) -> None:
        """Until the next call may begin."""
        with self._lock:
            now = self._clock()
            begins = max(now, self._next)
            self._next = begins + self._interval
        if begins > now:
            self._sleep(begins - now)
