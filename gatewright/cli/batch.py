"""Commands over several environments: selection, progress, a summary, one JSON document."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

import click

from gatewright.cli.echo import say, say_folded
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


def select_environments(
    project: Project, names: Sequence[str], *, every: bool, with_policies: bool = False
) -> dict[str, Loaded]:
    """The named environments by name, or all of them with `--all`, as `select`.

    Raises:
        UsageError: the command line names none, or one does not exist.
    """
    if not names and not every:
        known = ", ".join(files_of(project).names()) or "none"
        raise UsageError("no environment is named: name environments, or use --all", f"Environments: {known}")
    if names and every:
        raise UsageError(f"--all excludes names of environments: {' '.join(names)}")
    return {loaded.name: loaded for loaded in select(project, names, every=every, with_policies=with_policies)}


def run_each(names: Sequence[str], operation: Callable[[str], T], verb: str | None = None) -> list[Outcome[T]]:
    """Run the operation on each of `names`; progress goes to stderr, as in "previewing 3 environments".

    Without `verb` the operation is quick, or a single one that shows its own progress and runs in this thread. The
    error of a single one is raised; for those of several see `run_several`.
    """
    if len(names) > 1:
        return run_several(names, operation, verb)
    if verb is None:
        started = time.monotonic()
        return [Outcome(names[0], operation(names[0]), seconds=time.monotonic() - started)]
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    with screen.step(f"{verb} {names[0]}") if screen.moves else nullcontext():
        (outcome,) = run_batch(names, operation)
        if outcome.error and not outcome.interrupted:
            raise outcome.error
    if outcome.value is None:
        raise KeyboardInterrupt
    return [outcome]


def run_several(names: Sequence[str], operation: Callable[[str], T], verb: str | None = None) -> list[Outcome[T]]:
    """Run the operation on several environments side by side; print their errors to stderr at the end."""
    from gatewright.cli.screen import Screen

    if verb is None:
        outcomes = run_batch(names, operation)
    else:
        with Screen(sys.stderr).step(f"{verb} {len(names)} environments") as step:
            outcomes = run_batch(names, operation, on_progress=_progress(step, verb))
    for outcome in outcomes:
        if outcome.error:
            _print_failure(outcome.name, outcome.error)
    return outcomes


def print_sections(outcomes: Sequence[Outcome[T]], show: Callable[[T], None], *, named: bool = True) -> None:
    """Print each result; where there are several, below the environment's name, unless `show` prints it."""
    results = [(outcome.name, outcome.value) for outcome in outcomes if outcome.value is not None]
    for index, (name, value) in enumerate(results):
        if index:
            click.echo()
        if named and len(outcomes) > 1:
            click.echo(click.style(name, bold=True))
        show(value)


def environments_json(outcomes: Sequence[Outcome[T]], content: Callable[[T], Mapping[str, object]]) -> str:
    """One JSON document with several environments."""
    return json.dumps({"environments": json_entries(outcomes, content)}, indent=2, ensure_ascii=False)


def json_entries(
    outcomes: Sequence[Outcome[T]], content: Callable[[T], Mapping[str, object]]
) -> list[dict[str, object]]:
    """Each environment with its `name`, and either its content or its `error`, which has the same form everywhere."""
    return [
        {"name": outcome.name, **(_error(outcome) if outcome.value is None else content(outcome.value))}
        for outcome in outcomes
    ]


def print_summary(
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
    return {"error": {"message": "interrupted before it started", "hint": None, "exitCode": ExitCode.INTERRUPTED}}


def _progress(step: Step, verb: str) -> Callable[[BatchProgress], None]:
    is_first = True

    def show(progress: BatchProgress) -> None:
        nonlocal is_first
        failed = f", {progress.failed} failed" if progress.failed else ""
        running = f": {', '.join(progress.running)}" if progress.running and not is_first else ""
        is_first = False  # without a terminal the first title is the only one that is printed
        step.retitle(f"{verb} {progress.total} environments{failed}{running}")
        step.advance(progress.done, progress.total, "environments")

    return show


def _print_failure(name: str, error: GatewrightError) -> None:
    from gatewright.cli.diagnostics import diagnostic_lines

    for line in diagnostic_lines(error.diagnostics) if isinstance(error, InvalidEnvironmentError) else ():
        say_folded(line, err=True)
    say(f"{name}: {error.message}", err=True)
    if error.hint:
        say(f"  → {error.hint}", err=True)
