"""The clock of every case: wall time, or with CLOCK=cpu processor time, for a busy machine."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from bench.processes import family

if TYPE_CHECKING:
    from collections.abc import Callable

CLOCK = os.environ.get("CLOCK", "wall")


def clock() -> float:
    """Seconds; with CLOCK=cpu those of this process and of all processes that it has waited for."""
    if CLOCK != "cpu":
        return time.perf_counter()
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def seconds(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    started = clock()
    action()
    return clock() - started


def seconds_of(server: int, action: Callable[[], object]) -> float:
    """Seconds that an action takes; with CLOCK=cpu those of the server and its children, not of this process."""
    started, before = time.perf_counter(), spent_by(server)
    action()
    return spent_by(server) - before if CLOCK == "cpu" else time.perf_counter() - started


def spent_by(server: int) -> float:
    """With CLOCK=cpu the seconds of a process that nothing has waited for, and of its children; otherwise 0."""
    return sum(process.seconds for process in family(server)) if CLOCK == "cpu" else 0.0
