"""One operation over several environments, side by side. A failure of one does not affect the others."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from gatewright.errors import ExitCode, GatewrightError, from_os_error
from gatewright.frozen import frozen
from gatewright.io.system import ENDING
from gatewright.operations.stack import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import FrameType

T = TypeVar("T")
U = TypeVar("U")

MAX_WAIT = 0.2  # seconds
WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.FAILED,
    ExitCode.REFUSED,
    ExitCode.INVALID,
    ExitCode.USAGE,
    ExitCode.CHANGES,
    ExitCode.DONE,
)


@frozen
class Outcome(Generic[T]):
    """The outcome for one environment: `value` or `error`, neither if it was not started; and the time it took.

    `interrupted`: it failed after an interrupt, which its engine received too.
    """

    name: str
    value: T | None = None
    error: GatewrightError | None = None
    seconds: float = 0.0
    interrupted: bool = False

    def code(self, of: Callable[[T], int]) -> int:
        """The exit code; `of` gives that of a value."""
        if self.error is not None and not self.interrupted:
            return self.error.exit_code
        return ExitCode.INTERRUPTED if self.value is None else of(self.value)

    def map(self, convert: Callable[[T], U]) -> Outcome[U]:
        """The same outcome with a converted value."""
        value = None if self.value is None else convert(self.value)
        return Outcome(self.name, value, self.error, self.seconds, self.interrupted)


@frozen
class BatchProgress:
    """How many environments are done, how many of them failed, how many there are, and which are running."""

    done: int
    failed: int
    total: int
    running: tuple[str, ...]


def run_batch(
    names: Sequence[str],
    operation: Callable[[str], T],
    *,
    workers: int | None = None,
    on_progress: Callable[[BatchProgress], None] = lambda _: None,
) -> list[Outcome[T]]:
    """Run `operation` for each name, at most `workers` (by default one for each core) at a time; outcomes in order.

    A GatewrightError or an OSError is an outcome. After an interrupt no more are started, the engines are interrupted,
    and those that run come to their end. A second interrupt ends the engines and this process. Call it from the main
    thread.
    """
    batch = _Batch(names, operation, on_progress)
    with _interrupted(batch.stop), ThreadPoolExecutor(workers or cores(), thread_name_prefix="environment") as pool:
        pending = {pool.submit(batch.run, name) for name in names}
        while pending:  # a signal that another thread receives is handled when this thread runs
            done, pending = wait(pending, timeout=MAX_WAIT, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
    return [batch.outcomes.get(name, Outcome(name)) for name in names]


def exit_code(outcomes: Iterable[Outcome[T]], of: Callable[[T], int]) -> int:
    """The worst exit code."""
    return min((outcome.code(of) for outcome in outcomes), key=_rank, default=ExitCode.DONE)


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _interrupted(stop: Callable[[], None]) -> Iterator[None]:
    """On a signal that ends the process, call `stop` and interrupt the engines."""
    before = {ending: signal.getsignal(ending) for ending in ENDING}

    def first(_signal: int, _frame: FrameType | None) -> None:
        for ending in ENDING:
            signal.signal(ending, second)
        stop()
        processes.interrupt()

    def second(_signal: int, _frame: FrameType | None) -> None:
        processes.interrupt()
        os._exit(ExitCode.INTERRUPTED)

    for ending, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup
            signal.signal(ending, first)
    try:
        with processes.until_interrupted():
            yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _rank(code: int) -> int:
    return WORST_FIRST.index(ExitCode(code))


class _Batch(Generic[T]):
    def __init__(
        self, names: Sequence[str], operation: Callable[[str], T], on_progress: Callable[[BatchProgress], None]
    ) -> None:
        self.outcomes: dict[str, Outcome[T]] = {}
        self._operation, self._on_progress, self._total = operation, on_progress, len(names)
        self._running: list[str] = []
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Start no more."""
        self._stopped = True

    def run(self, name: str) -> None:
        """Run the operation for `name`, unless the batch was stopped."""
        if self._stopped:
            return
        with self._lock:
            self._running.append(name)
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
                self._running.remove(name)
                interrupted = self._stopped and error is not None
                self.outcomes[name] = Outcome(name, value, error, time.monotonic() - started, interrupted)
                self._report()

    def _report(self) -> None:
        failed = sum(outcome.error is not None for outcome in self.outcomes.values())
        self._on_progress(BatchProgress(len(self.outcomes), failed, self._total, tuple(self._running)))
