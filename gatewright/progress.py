"""The progress of a long operation, as events: operations report them, and a command shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from gatewright.frozen import frozen


@frozen
class StepStarted:
    """A step is under way; steps do not overlap."""

    title: str


@frozen
class StepRetitled:
    """The step under way has a more exact title."""

    title: str


@frozen
class StepAdvanced:
    """`done` of `total` units of the step under way are done."""

    done: int
    total: int
    unit: str


@frozen
class StepNote:
    """A detail of the step under way."""

    text: str


@frozen
class StepResult:
    """A result of the step under way, which the command knows how to show: a plan."""

    result: object


@frozen
class StepFinished:
    """The step under way has ended. `outcome` says it in a word where the time it took says nothing: "unchanged"."""

    outcome: str | None = None
    failed: bool = False


@frozen
class Message:
    """A fact between steps, with its details."""

    text: str
    details: tuple[str, ...] = ()


Event = StepStarted | StepRetitled | StepAdvanced | StepNote | StepResult | StepFinished | Message
Report: TypeAlias = Callable[[Event], None]


def unreported(_event: Event) -> None:
    """Ignore an event: for callers that show no progress."""


class Step:
    """The step under way, as the operation sees it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.outcome: str | None = None

    def retitle(self, title: str) -> None:
        """Change the title."""
        self._report(StepRetitled(title))

    def advance(self, done: int, total: int, unit: str = "packages") -> None:
        """Report that `done` of `total` units are done."""
        self._report(StepAdvanced(done, total, unit))

    def note(self, text: str) -> None:
        """Add a detail."""
        self._report(StepNote(text))

    def show(self, result: object) -> None:
        """Show a result."""
        self._report(StepResult(result))


@contextmanager
def step(report: Report, title: str) -> Iterator[Step]:
    """Report the body as a step; one that raises has failed, and its error goes on."""
    report(StepStarted(title))
    current = Step(report)
    try:
        yield current
    except BaseException:
        report(StepFinished(failed=True))
        raise
    report(StepFinished(current.outcome))
