"""uninstall: remove what install added."""

from __future__ import annotations

import click

from gatewright.cli.clients.outcome import report_waiting, show
from gatewright.errors import ExitCode
from gatewright.project import Project


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
    outcome = take(project, environment, client, machine, to=place, dry_run=dry_run, waits=report_waiting)
    if not outcome.files:
        meant = nearest(environment, files_of(project).names())
        hint = f". Did you mean {meant}?" if meant and meant != environment else ""
        click.echo(f"nothing of {client} for {environment} is installed here{hint}")
        return ExitCode.DONE
    show(outcome, dry_run=dry_run, diff=diff)
    return ExitCode.CHANGES if dry_run and outcome.changes else ExitCode.DONE
