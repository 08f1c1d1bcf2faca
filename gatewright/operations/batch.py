"""One operation over several environments: side by side, each to its own end, whatever becomes of the others."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gatewright.errors import ExitCode, GatewrightError, from_os_error
from gatewright.operations.stack import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import FrameType

T = TypeVar("T")
U = TypeVar("U")

LONGEST_WAIT = 0.2  # seconds
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.FAILED,
    ExitCode.REFUSED,
    ExitCode.INVALID,
    ExitCode.USAGE,
    ExitCode.CHANGES,
    ExitCode.DONE,
)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of one environment: `value`, or `error`; neither where it was not begun. `seconds` it took.

    `interrupted`: it failed after Ctrl-C, which its engine got too.
    """

    name: str
    value: T | None = None
    error: GatewrightError | None = None
    seconds: float = 0.0
    interrupted: bool = False

    def map(self, convert: Callable[[T], U]) -> Outcome[U]:
        """The same outcome with a converted value."""
        value = None if self.value is None else convert(self.value)
        return Outcome(self.name, value, self.error, self.seconds, self.interrupted)

    def code(self, of: Callable[[T], int]) -> int:
        """The exit code for this one; that of a value by `of`."""
        if self.error is not None and not self.interrupted:
            return self.error.exit_code
        return ExitCode.INTERRUPTED if self.value is None else of(self.value)


@dataclass(frozen=True, slots=True)
class Tally:
    """How far it is: environments done, failed among them, all, and those under way."""

    done: int
    failed: int
    total: int
    under_way: tuple[str, ...]


def many(
    names: Sequence[str],
    operation: Callable[[str], T],
    *,
    workers: int | None = None,
    tell: Callable[[Tally], None] = lambda _: None,
) -> list[Outcome[T]]:
    """The operation on each of `names`, in their order; at most `workers` at once, by default one for each core.

    A GatewrightError or an OSError of one is its outcome. After Ctrl-C, or another signal that ends us, no more are
    begun, the engines are told and those under way come to their end, and the rest are outcomes without value or error;
    a second one ends the engines and this process at once. To be called from the main thread.
    """
    run = _Run(names, operation, tell)
    with _interrupted(run.stop), ThreadPoolExecutor(workers or cores(), thread_name_prefix="environment") as pool:
        left = {pool.submit(run.one, name) for name in names}
        while left:  # a signal that another thread gets is acted upon once this one runs
            done, left = wait(left, timeout=LONGEST_WAIT, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
    return [run.outcomes.get(name, Outcome(name)) for name in names]


def exit_code(outcomes: Iterable[Outcome[T]], of: Callable[[T], int]) -> int:
    """The one exit code of all: the worst."""
    return min((each.code(of) for each in outcomes), key=_rank, default=ExitCode.DONE)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _interrupted(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` at a signal that ends us, and tells the engines."""
    before = {each: signal.getsignal(each) for each in ENDING}

    def first(_signal: int, _frame: FrameType | None) -> None:
        for each in ENDING:
            signal.signal(each, second)
        stop()
        processes.interrupt()

    def second(_signal: int, _frame: FrameType | None) -> None:
        processes.interrupt()
        os._exit(ExitCode.INTERRUPTED)

    for each, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup
            signal.signal(each, first)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _rank(code: int) -> int:
    return WORST_FIRST.index(ExitCode(code))


class _Run(Generic[T]):
    def __init__(self, names: Sequence[str], operation: Callable[[str], T], tell: Callable[[Tally], None]) -> None:
        self.outcomes: dict[str, Outcome[T]] = {}
        self._operation, self._tell, self._total = operation, tell, len(names)
        self._under_way: list[str] = []
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Begin no more."""
        self._stopped = True

    def one(self, name: str) -> None:
        if self._stopped:
            return
        with self._lock:
            self._under_way.append(name)
            self._report()
        started, value, error = time.monotonic(), None, None
        try:
            value = self._operation(name)
        except GatewrightError as failure:
            error = failure
        except OSError as failure:
            error = from_os_error(failure)
        finally:
            with self._lock:
                self._under_way.remove(name)
                stopped = self._stopped and error is not None
                self.outcomes[name] = Outcome(name, value, error, time.monotonic() - started, stopped)
                self._report()

    def _report(self) -> None:
        failed = sum(each.error is not None for each in self.outcomes.values())
        self._tell(Tally(len(self.outcomes), failed, self._total, tuple(self._under_way)))
