"""install and uninstall: a client's settings into the files that the client reads, and out again."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from itertools import groupby
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.install import FileChange, Outcome

_WOULD = {"made": "would be made", "written": "would change", "removed": "would be removed", "unchanged": "unchanged"}
LONGEST_RUN = 8  # lines
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("client", metavar="CLIENT")
@click.option("--dry-run", is_flag=True, help="Write nothing; exit 2 when something would change.")
@click.option("--diff", is_flag=True, help="Show all of what changes.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False), help="This file, instead of the client's own.")
def install(environment: str, client: str, dry_run: bool, diff: bool, to: str | None) -> int:
    """Put a client's settings where the client reads them.

    Into your own file, of which all else stays as it is; a backup is kept. Needs the account's id, and no stack.
    """
    from gatewright.install import Machine
    from gatewright.install import install as put
    from gatewright.workspace import open_one

    project, machine = Project.find(), Machine.here()
    declared = open_one(project, environment)
    place = machine.path(to) if to else None
    with _working(client):
        outcome = put(project, declared, client, machine, to=place, dry_run=dry_run, waits=_say_that_it_waits)
    _show(outcome, dry_run=dry_run, diff=diff)
    if dry_run:
        return ExitCode.CHANGES if outcome.changes else ExitCode.DONE
    _say_what_is_next(outcome)
    return ExitCode.DONE


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("client", metavar="CLIENT")
@click.option("--dry-run", is_flag=True, help="Write nothing; exit 2 when something would change.")
@click.option("--diff", is_flag=True, help="Show all of what changes.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False), help="Only what is in this file.")
def uninstall(environment: str, client: str, dry_run: bool, diff: bool, to: str | None) -> int:
    """Take exactly what install put there out again.

    What you have changed since stays, and is said. Works after ENV has changed, or is gone.
    """
    from gatewright.diagnostics import nearest
    from gatewright.install import Machine
    from gatewright.install import uninstall as take
    from gatewright.workspace import files_of

    project, machine = Project.find(), Machine.here()
    place = machine.path(to) if to else None
    outcome = take(project, environment, client, machine, to=place, dry_run=dry_run, waits=_say_that_it_waits)
    if not outcome.files:
        meant = nearest(environment, files_of(project).names())
        hint = f". Did you mean {meant}?" if meant and meant != environment else ""
        click.echo(f"nothing of {client} for {environment} is installed here{hint}")
        return ExitCode.DONE
    _show(outcome, dry_run=dry_run, diff=diff)
    return ExitCode.CHANGES if dry_run and outcome.changes else ExitCode.DONE


def _say_that_it_waits() -> None:
    click.echo("waiting for another gatewright that writes clients' files on this machine", err=True)


@contextmanager
def _working(client: str) -> Iterator[None]:
    """On a terminal something moves while the program checks a copy, which takes some of them seconds."""
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    with screen.console.status(f"{client}: asking the program about a copy") if screen.moves else nullcontext():
        yield


def _show(outcome: Outcome, *, dry_run: bool, diff: bool) -> None:
    click.echo(f"{outcome.environment} · {outcome.client}")
    width = max(len(file.shown) for file in outcome.files)
    for file in outcome.files:
        _show_file(file, width, dry_run=dry_run, diff=diff)
    if outcome.verdict is not None:
        program, unasked = outcome.verdict.program, outcome.verdict.unasked
        click.echo(f"  not checked by {program}: {unasked}" if unasked else f"  {program} takes it")


def _show_file(file: FileChange, width: int, *, dry_run: bool, diff: bool) -> None:
    state = _WOULD[file.state] if dry_run else file.state
    backup = f"    backup: {file.backup}" if file.backup else ""
    click.echo(f"  {file.shown:<{width}}    {state}{backup}")
    for note in file.notes:
        click.echo(f"      {note}")
    for line in file.diff if diff else folded(file.diff):
        click.echo(click.style(f"      {line}", fg=_COLOURS.get(line[:1])))


def folded(diff: Sequence[str]) -> Iterator[str]:
    """`diff`, with the middle of long runs of added or removed lines left out, which is said."""
    for sign, run in groupby(diff, key=lambda line: line[:1]):
        lines = list(run)
        if sign not in ("+", "-") or len(lines) <= LONGEST_RUN:
            yield from lines
            continue
        kept = LONGEST_RUN // 2
        yield from lines[:kept]
        yield f"{sign}  … {len(lines) - 2 * kept} more lines (--diff shows them)"
        yield from lines[-kept:]


def _say_what_is_next(outcome: Outcome) -> None:
    rows = [("set", f"{each.name}    {each} · {outcome.runs_in}") for each in outcome.variables]
    rows += [("use", each) for each in outcome.usage]
    rows.append(("reload", outcome.reload))
    rows.append(("next", f"gatewright doctor {outcome.environment} {outcome.client}"))
    click.echo()
    before = ""
    for name, text in rows:
        click.echo(f"{'' if name == before else name:<8}{text}")
        before = name
