"""rotate: rotate a token early."""

from __future__ import annotations

import click

from gatewright.cli.echo import next_steps, print_json
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import command
from gatewright.project import Project


@click.command()
@environment_argument
@click.argument("token", metavar="TOKEN")
@click.option("--dry-run", is_flag=True, help="Show the change of the file, and write nothing.")
@json_option
def rotate(environment: str, token: str, dry_run: bool, form: str) -> None:
    """Rotate a token early.

    This changes the environment's file. The next up creates a new token; the old one stays valid for the overlap. For a
    token that has leaked see docs/guides/tokens.md. TOKEN is gateway.access for the service token of Access.
    """
    from gatewright.operations.tokens.rotate import rotate_early

    rotation = rotate_early(Project.find(), environment, token)
    if form == "json":
        if not dry_run:
            rotation.edit.write()
        epoch, diff = rotation.rotate.epoch, [*rotation.edit.diff()]
        print_json({"environment": environment, "token": token, "epoch": epoch, "diff": diff, "written": not dry_run})
        return
    for line in rotation.edit.diff():
        click.echo(line)
    click.echo()
    if dry_run:
        click.echo("Nothing was written.")
        return
    rotation.edit.write()
    steps = [(command(f"up {environment}"), f"creates the next generation of the token {token}")]
    steps += [(reload, "where the client runs: it keeps a token until then") for reload in rotation.reloads]
    for line in next_steps(steps):
        click.echo(line)
    click.echo(f"An up deletes the previous one after {rotation.rotate.overlap}, once it is not used any more.")
