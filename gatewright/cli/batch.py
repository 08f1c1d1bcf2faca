"""Several environments on one screen: how far it is while it runs, what came of each at the end."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

import click

from gatewright.cli.echo import say
from gatewright.errors import ExitCode, InvalidEnvironmentError, UsageError
from gatewright.operations.batch import Outcome, run_batch
from gatewright.workspace import files_of, select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.text import Text

    from gatewright.cli.screen import Screen
    from gatewright.environment.load import Loaded
    from gatewright.errors import GatewrightError
    from gatewright.operations.batch import BatchProgress
    from gatewright.progress import Step
    from gatewright.project import Project

T = TypeVar("T")

PIPE_WIDTH = 400  # a pipe has no width, so nothing is folded
MAX_REASON = 200  # characters
MIN_SECONDS = 0.05  # shorter times are not printed
NOT_STARTED = "not started"


def chosen(project: Project, names: Sequence[str], *, every: bool) -> list[Loaded]:
    """The named environments, or all of them by `--all` alone. Raises UsageError where none is named."""
    if not names and not every:
        raise UsageError(
            "name the environments, or --all", f"Environments: {', '.join(files_of(project).names()) or 'none'}"
        )
    if names and every:
        raise UsageError(f"either --all or names, not both: {' '.join(names)}")
    return select(project, names, every=every)


def over(names: Sequence[str], operation: Callable[[str], T], doing: str | None = None) -> list[Outcome[T]]:
    """The operation on each of `names`; what is done, as in "previewing", stands on stderr with how far it is. Without
    it the operation is quick, or a single one that shows itself, which then runs in this thread.

    The error of a single one is raised, and so looks as it does everywhere; for those of several see `side_by_side`.
    """
    if len(names) > 1:
        return side_by_side(names, operation, doing)
    if doing is None:
        started = time.monotonic()
        return [Outcome(names[0], operation(names[0]), seconds=time.monotonic() - started)]
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    with screen.step(f"{doing} {names[0]}") if screen.moves else nullcontext():
        (outcome,) = run_batch(names, operation)
    if outcome.error and not outcome.interrupted:
        raise outcome.error
    if outcome.value is None:
        raise KeyboardInterrupt
    return [outcome]


def side_by_side(names: Sequence[str], operation: Callable[[str], T], doing: str | None = None) -> list[Outcome[T]]:
    """The operation on each of several, of which only one may be left; their errors are printed in full on stderr,
    after all are done."""
    from gatewright.cli.screen import Screen

    if doing is None:
        outcomes = run_batch(names, operation)
    else:
        with Screen(sys.stderr).step(f"{doing} {len(names)} environments") as step:
            outcomes = run_batch(names, operation, on_progress=_teller(step, doing))
    for outcome in outcomes:
        if outcome.error:
            _print_failure(outcome.name, outcome.error)
    return outcomes


def sections(outcomes: Sequence[Outcome[T]], show: Callable[[T], None], *, named: bool = True) -> None:
    """What each has brought, apart from one another; where there are several, each under its name, unless `show` names
    it itself."""
    brought = [each for each in outcomes if each.value is not None]
    for index, each in enumerate(brought):
        if index:
            click.echo()
        if named and len(outcomes) > 1:
            click.echo(click.style(each.name, bold=True))
        if each.value is not None:
            show(each.value)


def as_json(outcomes: Sequence[Outcome[T]], content: Callable[[T], Mapping[str, object]]) -> str:
    """Several as one document: `environments`, each as in `entries`."""
    return json.dumps({"environments": entries(outcomes, content)}, indent=2, ensure_ascii=False)


def entries(outcomes: Sequence[Outcome[T]], content: Callable[[T], Mapping[str, object]]) -> list[dict[str, object]]:
    """Each in its turn, with its `name` and either its content or its `error`, which is as a preview has it."""
    return [{"name": each.name, **(_error(each) if each.value is None else content(each.value))} for each in outcomes]


def summary(
    outcomes: Sequence[Outcome[T]], describe: Callable[[T], str], screen: Screen | None = None, counts: str = ""
) -> None:
    """Print a table of several environments with their results and times, and a last line with `counts`."""
    if len(outcomes) < 2:
        return
    from rich.table import Table
    from rich.text import Text

    from gatewright.cli.screen import Screen, duration

    screen = screen or Screen()
    if not screen.moves:
        screen.console.width = PIPE_WIDTH
    table = Table(box=None, show_header=False, padding=(0, 3, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for outcome in outcomes:
        seconds = duration(outcome.seconds) if outcome.seconds >= MIN_SECONDS else ""
        table.add_row(outcome.name, _describe(outcome, describe), Text(seconds, style="dim"))
    screen.line()
    screen.console.print(table)
    done = sum(outcome.value is not None for outcome in outcomes)
    screen.line(counts or count_outcomes(outcomes, done, "done"))


def count_outcomes(outcomes: Sequence[Outcome[T]], matching: int, noun: str, *others: tuple[int, str]) -> str:
    """`2 of 4 clean, 1 failed, 1 not started`; `others` are further counts, left out where they are zero."""
    failed = sum(outcome.error is not None for outcome in outcomes)
    not_started = sum(outcome.error is None and outcome.value is None for outcome in outcomes)
    parts = [*others, (failed, "failed"), (not_started, NOT_STARTED)]
    return ", ".join([f"{matching} of {len(outcomes)} {noun}", *(f"{count} {word}" for count, word in parts if count)])


def _describe(outcome: Outcome[T], describe: Callable[[T], str]) -> Text:
    from rich.text import Text

    if outcome.error:
        return Text.assemble(("✗ ", "red"), _reason(outcome.error))
    return Text(NOT_STARTED, style="dim") if outcome.value is None else Text(describe(outcome.value))


def _reason(error: GatewrightError) -> str:
    """The message on one line: its first line, and the first reason below it."""
    what, _, reasons = error.message.partition("\n")
    first = reasons.strip().partition("\n")[0]
    line = f"{what} {first}" if what.endswith(":") and first else what.rstrip(":")
    return line if len(line) <= MAX_REASON else f"{line[:MAX_REASON]}…"


def _error(outcome: Outcome[T]) -> Mapping[str, object]:
    from gatewright.operations.plan.document import error_json

    if outcome.error:
        return error_json(outcome.name, outcome.error)
    return {"error": {"message": "interrupted before it was begun", "hint": None, "exitCode": ExitCode.INTERRUPTED}}


def _teller(step: Step, doing: str) -> Callable[[BatchProgress], None]:
    begun = False

    def tell(tally: BatchProgress) -> None:
        nonlocal begun
        failed = f", {tally.failed} failed" if tally.failed else ""
        at = f": {', '.join(tally.running)}" if tally.running and begun else ""
        begun = True  # where lines are not written over, the first one stands for all
        step.retitle(f"{doing} {tally.total} environments{failed}{at}")
        step.advance(tally.done, tally.total, "environments")

    return tell


def _print_failure(name: str, error: GatewrightError) -> None:
    from gatewright.cli.diagnostics import diagnostic_lines

    for line in diagnostic_lines(error.diagnostics) if isinstance(error, InvalidEnvironmentError) else ():
        click.echo(line, err=True)
    say(f"{name}: {error.message}", err=True)
    if error.hint:
        say(f"  → {error.hint}", err=True)
