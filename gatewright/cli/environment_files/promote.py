"""promote: give an environment the settings of another."""

from __future__ import annotations

import click

from gatewright.cli.confirm import require_answer
from gatewright.cli.echo import next_steps, print_json
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import command
from gatewright.project import Project


@click.command()
@click.argument("source", metavar="FROM")
@environment_argument
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show the change of the file, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before the file is changed.")
@json_option
def promote(source: str, environment: str, paths: tuple[str, ...], dry_run: bool, yes: bool, form: str) -> None:
    """Give ENV the settings at PATH as FROM has them.

    Changes the file of ENV, and keeps its comments; the change is shown first. PATH is written like routes.fast or
    gateway.cache. `gatewright diff FROM ENV` lists the settings that differ.
    """
    from gatewright.operations.promote import promote as promote_settings

    edit = promote_settings(Project.find(), source, environment, paths)
    changes = edit.after != edit.before
    if form == "text":
        click.echo("\n".join(edit.diff()) or f"{', '.join(paths)}: no differences between {source} and {environment}")
    if changes and not dry_run:
        if not yes:
            again = command(f"promote {source} {environment} {' '.join(paths)} --yes")
            require_answer(f"Change {edit.shown}?", again)
        edit.write()
    if form == "json":
        print_json({"file": edit.shown, "diff": edit.diff(), "written": changes and not dry_run})
    elif dry_run:
        click.echo("\nNothing was written.")
    elif changes:
        click.echo()
        for line in next_steps([(command(f"preview {environment}"), "show what an up would change")]):
            click.echo(line)
