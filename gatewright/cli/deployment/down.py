"""down: remove an environment."""

from __future__ import annotations

import click

from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="[ENV]", default="local")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
def down(environment: str, yes: bool) -> int:
    """Take an environment away.

    For local also stop the Cloudflare on this machine. A protected environment is refused.
    """
    from gatewright.cli.screen import Screen
    from gatewright.operations.up import down as run
    from gatewright.workspace import open_one

    project = Project.find()
    return run(project, open_one(project, environment), Screen(), yes=yes)
