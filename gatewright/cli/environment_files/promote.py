"""promote: give an environment the settings of another."""

from __future__ import annotations

import click

from gatewright.cli.confirm import require_answer
from gatewright.cli.echo import next_steps
from gatewright.command_line import command
from gatewright.project import Project


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="ENV")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show the change of the file, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before the file is changed.")
def promote(source: str, target: str, paths: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Give ENV the settings at PATH as FROM has them.

    Changes the file of ENV, and keeps its comments; the change is shown first. PATH is written like routes.fast or
    gateway.cache. `gatewright diff FROM ENV` lists the settings that differ.
    """
    from gatewright.operations.promote import promote as promote_settings

    edit = promote_settings(Project.find(), source, target, paths)
    if edit.after == edit.before:
        click.echo(f"{', '.join(paths)}: no differences between {source} and {target}")
        return
    click.echo("\n".join(edit.diff()) + "\n")
    if dry_run:
        click.echo("Nothing was written.")
        return
    if not yes:
        again = command(f"promote {source} {target} {' '.join(paths)} --yes")
        require_answer(f"Change {edit.shown}?", again)
    edit.write()
    for line in next_steps([(command(f"preview {target}"), "show what an up would change")]):
        click.echo(line)
