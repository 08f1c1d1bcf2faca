"""install: put a client's settings into the files that the client reads."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from gatewright.cli.clients.outcome import report_waiting, show
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.install import Outcome


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
        outcome = put(project, declared, client, machine, to=place, dry_run=dry_run, waits=report_waiting)
    show(outcome, dry_run=dry_run, diff=diff)
    if dry_run:
        return ExitCode.CHANGES if outcome.changes else ExitCode.DONE
    _say_what_is_next(outcome)
    return ExitCode.DONE


@contextmanager
def _working(client: str) -> Iterator[None]:
    """On a terminal something moves while the program checks a copy, which takes some of them seconds."""
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    with screen.console.status(f"{client}: asking the program about a copy") if screen.moves else nullcontext():
        yield


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
