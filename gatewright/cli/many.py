"""Several environments on one screen: how far it is while it runs, what came of each at the end."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

import click
from rich.table import Table
from rich.text import Text

from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.operations.environments import files_of, select
from gatewright.operations.many import many
from gatewright.screen import Screen, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.errors import GatewrightError
    from gatewright.operations.many import Outcome, Tally
    from gatewright.project import Project
    from gatewright.screen import Step

T = TypeVar("T")


def chosen(project: Project, names: Sequence[str], *, every: bool) -> list[Loaded]:
    """The named environments, or all of them by `--all` alone. Raises UsageError where none is named."""
    if not names and not every:
        raise UsageError("name the environments, or --all", f"There: {', '.join(files_of(project).names()) or 'none'}")
    if names and every:
        raise UsageError(f"either --all or names, not both: {' '.join(names)}")
    return select(project, names, every=every)


def over(names: Sequence[str], operation: Callable[[str], T], doing: str) -> list[Outcome[T]]:
    """The operation on each of `names`; what is done, as in "previewing", stands on stderr with how far it is.

    The error of a single one is raised, and so looks as it does everywhere; those of several are printed in full on
    stderr, after all are done.
    """
    screen = Screen(sys.stderr)
    shown = len(names) > 1 or screen.moves
    title = f"{doing} {names[0]}" if len(names) == 1 else f"{doing} {len(names)} environments"
    with screen.step(title) if shown else nullcontext() as step:
        outcomes = many(names, operation, tell=_teller(step, doing) if step and len(names) > 1 else lambda _: None)
    if len(outcomes) == 1 and (error := outcomes[0].error) and not outcomes[0].interrupted:
        raise error
    if len(outcomes) == 1 and outcomes[0].value is None:
        raise KeyboardInterrupt
    for outcome in outcomes:
        if outcome.error:
            _print_failure(outcome.name, outcome.error)
    return outcomes


def summary(outcomes: Sequence[Outcome[T]], words: Callable[[T], str], screen: Screen) -> None:
    """What came of each and how long it took, a line each, and a last one that counts; nothing where it is one."""
    if len(outcomes) < 2:
        return
    table = Table(box=None, show_header=False, padding=(0, 3, 0, 0), pad_edge=False)
    for column in ("left", "left", "right"):
        table.add_column(justify=column, no_wrap=True)
    for each in outcomes:
        table.add_row(each.name, _said(each, words), Text(duration(each.seconds) if each.seconds else "", style="dim"))
    screen.line()
    screen.console.print(table)
    failed = sum(each.error is not None for each in outcomes)
    done = sum(each.value is not None for each in outcomes)
    not_begun = len(outcomes) - done - failed
    parts = [f"{done} of {len(outcomes)} done"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{not_begun} not begun"] if not_begun else []
    screen.line(", ".join(parts))


def _said(outcome: Outcome[T], words: Callable[[T], str]) -> Text:
    if outcome.error:
        first = outcome.error.message.partition("\n")[0].rstrip(":")
        return Text.assemble(("✗ ", "red"), first)
    return Text("not begun", style="dim") if outcome.value is None else Text(words(outcome.value))


def _teller(step: Step, doing: str) -> Callable[[Tally], None]:
    def tell(tally: Tally) -> None:
        failed = f", {tally.failed} failed" if tally.failed else ""
        at = f": {', '.join(tally.under_way)}" if tally.under_way else ""
        step.title = f"{doing} {tally.total} environments{failed}{at}"
        step.progress(tally.done, tally.total, "environments")

    return tell


def _print_failure(name: str, error: GatewrightError) -> None:
    from gatewright.cli.problems import problem_lines

    for line in problem_lines(error.problems) if isinstance(error, InvalidEnvironmentError) else ():
        click.echo(line, err=True)
    click.echo(f"{name}: {error.message}", err=True)
    if error.hint:
        click.echo(f"  → {error.hint}", err=True)
