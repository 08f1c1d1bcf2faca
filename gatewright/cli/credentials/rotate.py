"""rotate: an early rotation of a token."""

from __future__ import annotations

import click

from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("token", metavar="TOKEN")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def rotate(environment: str, token: str, dry_run: bool) -> None:
    """Rotate a token before its time.

    It writes a line into the environment's file; the next up makes a new one, and the old one stays valid for the
    overlap. A token that has leaked: docs/guides/tokens.md
    """
    from gatewright.operations.tokens.rotate import rotate_early

    found = rotate_early(Project.find(), environment, token)
    for line in found.edit.diff():
        click.echo(line)
    click.echo()
    if dry_run:
        click.echo("Nothing was written.")
        return
    found.edit.write()
    click.echo(f"Next:  gatewright up {environment:<12} makes a new {token}")
    click.echo(f"       the old one retires {found.rotate.overlap} later, by an up, once it is not used any more")
