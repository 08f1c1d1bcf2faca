"""upgrade: bring a project's files up to date with the installed package."""

from __future__ import annotations

import click

from gatewright.cli.echo import next_steps, print_json, say
from gatewright.cli.parameters import json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option("--dry-run", is_flag=True, help="Write nothing; exit with 2 if a file would be written.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
def upgrade(dry_run: bool, yes: bool, form: str) -> int:
    """Update the files that init wrote to this version.

    Install the newer package first. Files that you have not changed are replaced; beside a file that you have changed,
    the new text is written to FILE.new. The version in requirements.txt is raised. Environment files stay as they are.
    """
    from gatewright.cli.confirm import require_answer
    from gatewright.operations.upgrade import diffs, plan_upgrade, upgrade_json, write_upgrade

    planned = plan_upgrade(Project.find())
    if form == "text":
        for line in diffs(planned):
            click.echo(click.style(line, fg=_COLOURS.get(line[:1])))
    if planned.changes and not dry_run:
        if not yes:
            require_answer("Write these files?", command("upgrade --yes"))
        write_upgrade(planned)
    if form == "json":
        print_json(upgrade_json(planned, written=planned.changes and not dry_run))
    else:
        for file in planned.files:
            say(f"{file.name:<16} {file.state.value}")
        if planned.changes and not dry_run:
            click.echo("\n".join(next_steps([(command("preview --all"), "an upgrade alone changes nothing")])))
    return ExitCode.CHANGES if dry_run and planned.changes else ExitCode.DONE
