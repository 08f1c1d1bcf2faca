"""Calls at a rate that Cloudflare bears."""

from __future__ import annotations

import fcntl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PER_SECOND = 3.5  # Cloudflare takes 1,200 calls in 5 minutes, and blocks all for 5 minutes beyond
PACE: Final = "GATEWRIGHT_PACE"
"""The variable that names the file by which processes keep one pace together: the plugins of many engines."""
LONGEST_QUEUE = 600.0
"""Seconds: what a file says beyond that was written before the machine was started anew."""


class Pace:
    """Lets at most `per_second` calls begin, over all threads; None lets all. `calls` counts them."""

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
        """Until the next call may begin."""
        with self._lock:
            self.calls += 1
            now = self._clock()
            begins = self._begins(now)
        if begins > now:
            self._sleep(begins - now)

    def _begins(self, now: float) -> float:
        begins = max(now, self._next)
        self._next = begins + self._interval
        return begins


class CommonPace(Pace):
    """The same over all processes of this machine that name one file. The clock is the machine's, since its start."""

    def __init__(
        self,
        file: Path,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(PER_SECOND, clock, sleep)
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)

    def _begins(self, now: float) -> float:
        with self._file.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            said = _seconds(file.read())
            begins = max(now, said) if said < now + LONGEST_QUEUE else now
            file.truncate(0)
            file.write(f"{begins + self._interval:.3f}")
        return begins


def usual_pace(variables: Mapping[str, str], *, here: bool) -> Pace:
    """The common one where `variables` name its file; none for the Cloudflare on this machine."""
    named = variables.get(PACE)
    return CommonPace(Path(named)) if named else Pace(None if here else PER_SECOND)


def _seconds(text: str) -> float:
    """What a file says; 0 where that is nothing, or was cut off."""
    try:
        return float(text)
    except ValueError:
        return 0.0
