"""uninstall: remove what install added."""

from __future__ import annotations

from functools import partial

import click

from gatewright.cli.clients.outcome import outcome_json, report_waiting, show, show_preview
from gatewright.cli.echo import print_json
from gatewright.cli.parameters import client_argument, environment_argument, json_option
from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command()
@environment_argument
@client_argument
@click.option("--dry-run", is_flag=True, help="Write nothing; exit with 2 if a file would change.")
@click.option("--diff", is_flag=True, help="Show the whole difference.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False), help="Remove the settings from this file only.")
@click.option("--follow-symlinks", is_flag=True, help="Edit the files that symlinks lead to; the links stay.")
@json_option
def uninstall(
    environment: str,
    client: str,
    dry_run: bool,
    diff: bool,
    to: str | None,
    follow_symlinks: bool,
    form: str,
) -> int:
    """Remove only what install added.

    Settings that you have edited since are kept and listed. Works even if ENV has changed or no longer exists.
    """
    from gatewright.diagnostics import nearest
    from gatewright.install import Machine, Options
    from gatewright.install import uninstall as uninstall_client
    from gatewright.workspace import files_of

    project, machine = Project.find(), Machine.here()
    path = machine.path(to) if to else None
    options = Options(path, dry_run, follow_symlinks=follow_symlinks)
    outcome = uninstall_client(
        project,
        environment,
        client,
        machine,
        options,
        on_wait=report_waiting,
        on_preview=partial(show_preview, err=form == "json"),
    )
    if form == "json":
        print_json(outcome_json(outcome, dry_run=dry_run))
    elif not outcome.files:
        similar = nearest(environment, files_of(project).names())
        hint = f". Did you mean {similar}?" if similar and similar != environment else ""
        click.echo(f"{client} is not installed here for {environment}{hint}")
    else:
        show(outcome, dry_run=dry_run, diff=diff)
    return ExitCode.CHANGES if dry_run and outcome.changes else ExitCode.DONE
