"""install: merge a client's settings into the files that the client reads."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from gatewright.cli.clients.outcome import report_waiting, show
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.install import Outcome


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("client", metavar="CLIENT")
@click.option("--dry-run", is_flag=True, help="Write nothing; exit with 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Show the whole difference.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False), help="Use this file, not the client's own.")
def install(environment: str, client: str, dry_run: bool, diff: bool, to: str | None) -> int:
    """Merge a client's settings into its own config files.

    Everything else in your file stays unchanged, and a backup is kept. Needs the account's id, but no stack.
    """
    from gatewright.install import Machine
    from gatewright.install import install as install_client
    from gatewright.workspace import open_one

    project, machine = Project.find(), Machine.here()
    declared = open_one(project, environment)
    path = machine.path(to) if to else None
    with _show_progress(client):
        outcome = install_client(project, declared, client, machine, to=path, dry_run=dry_run, on_wait=report_waiting)
    show(outcome, dry_run=dry_run, diff=diff)
    if dry_run:
        return ExitCode.CHANGES if outcome.changes else ExitCode.DONE
    _show_next_steps(outcome)
    return ExitCode.DONE


@contextmanager
def _show_progress(client: str) -> Iterator[None]:
    """Show a spinner on a terminal while the program checks a copy, which can take seconds."""
    from gatewright.cli.screen import Screen

    screen = Screen(sys.stderr)
    with screen.console.status(f"{client}: checking a copy with the program") if screen.moves else nullcontext():
        yield


def _show_next_steps(outcome: Outcome) -> None:
    rows = [("set", f"{variable.name}    {variable} · {outcome.runs_in}") for variable in outcome.variables]
    rows += [("use", example) for example in outcome.usage]
    rows.append(("reload", outcome.reload))
    rows.append(("next", command(f"doctor {outcome.environment} {outcome.client}")))
    click.echo()
    previous = ""
    for name, text in rows:
        click.echo(f"{'' if name == previous else name:<8}{text}")
        previous = name
