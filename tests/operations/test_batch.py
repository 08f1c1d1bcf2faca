"""Several environments side by side."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gatewright.errors import EngineError, ExitCode, GatewrightError, InvalidEnvironmentError, RefusedError
from gatewright.operations.batch import Outcome, exit_code, run_batch

if TYPE_CHECKING:
    from gatewright.operations.batch import BatchProgress


def test_outcomes_are_in_the_order_of_the_names() -> None:
    begun = threading.Barrier(2, timeout=10)

    def operation(name: str) -> str:
        if name in ("slow", "quick"):
            begun.wait()  # both run at the same time
        if name == "slow":
            time.sleep(0.05)
        return name.upper()

    outcomes = run_batch(["slow", "quick", "last"], operation, workers=2)
    assert [(each.name, each.value) for each in outcomes] == [("slow", "SLOW"), ("quick", "QUICK"), ("last", "LAST")]


def test_at_most_the_workers_run_at_a_time() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def operation(_: str) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return True

    run_batch([str(number) for number in range(12)], operation, workers=3)
    assert most == 3


def test_a_failure_does_not_affect_the_others() -> None:
    def operation(name: str) -> str:
        if name == "broken":
            raise EngineError("the engine ended", "start it again")
        if name == "unreadable":
            raise PermissionError(13, "Permission denied", "stacks/unreadable.yaml")
        return name

    outcomes = run_batch(["broken", "one", "unreadable", "two"], operation, workers=1)
    assert [each.value for each in outcomes] == [None, "one", None, "two"]
    assert [each.error.message for each in outcomes if each.error] == [
        "the engine ended",
        "stacks/unreadable.yaml: Permission denied",
    ]


def test_a_defect_is_not_an_outcome() -> None:
    def operation(name: str) -> str:
        return {"one": "1"}[name]

    with pytest.raises(KeyError):
        run_batch(["one", "two"], operation, workers=1)


def test_progress_is_reported_at_every_step() -> None:
    reports: list[BatchProgress] = []

    def operation(name: str) -> str:
        if name == "two":
            raise EngineError("no")
        return name

    run_batch(["one", "two"], operation, workers=1, on_progress=reports.append)
    assert [(each.done, each.failed, each.total, each.running) for each in reports] == [
        (0, 0, 2, ("one",)),
        (1, 0, 2, ()),
        (1, 0, 2, ("two",)),
        (2, 1, 2, ()),
    ]


def test_after_an_interrupt_no_more_are_started() -> None:
    started = threading.Event()

    def operation(name: str) -> str:
        started.set()
        time.sleep(1.5)
        return name

    def interrupt() -> None:
        started.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    outcomes = run_batch(["one", "two", "three"], operation, workers=1)
    thread.join()
    assert [each.value for each in outcomes] == ["one", None, None]
    assert exit_code(outcomes, lambda _: ExitCode.DONE) == ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([], ExitCode.DONE),
        ([EngineError("x"), RefusedError("x"), InvalidEnvironmentError("x")], ExitCode.FAILED),
        ([RefusedError("x"), InvalidEnvironmentError("x")], ExitCode.REFUSED),
        ([InvalidEnvironmentError("x")], ExitCode.INVALID),
    ],
)
def test_one_exit_code_the_worst(errors: list[GatewrightError], code: int) -> None:
    fine: Outcome[int] = Outcome("fine", 0)
    outcomes = [fine, *(Outcome("bad", error=each) for each in errors)]
    assert exit_code(outcomes, lambda value: value) == code


def test_a_failure_counts_more_than_a_change() -> None:
    changed: Outcome[int] = Outcome("changed", 2)
    assert exit_code([changed], lambda value: value) == ExitCode.CHANGES
    assert exit_code([changed, Outcome("bad", error=InvalidEnvironmentError("x"))], lambda value: value) == 3
