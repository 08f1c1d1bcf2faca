"""`gatewright engine`: Pulumi's engine, and a shell to use it in."""

from __future__ import annotations

import os

import click

from gatewright.project import Project


@click.group()
def engine() -> None:
    """Get Pulumi's engine, or a shell to use it in.

    It is found on PATH, downloaded, or built from its Go modules.
    """


@engine.command()
def install() -> None:
    """Get the engine where there is none, and what stands beside it."""
    from gatewright.local.engine.ensure import ensure
    from gatewright.screen import Screen

    ensure(Project.find(), Screen())


@engine.command()
def status() -> None:
    """Which engine is used, and where it is from."""
    from gatewright.local.engine.ensure import described
    from gatewright.local.engine.find import require

    found = require(Project.find())
    click.echo(f"{described(found)}, {found.path}")


@engine.command()
def env() -> None:
    """Lines for a shell in which plain pulumi works on the local stack: eval "$(gatewright engine env)"."""
    from gatewright.local.engine.find import require
    from gatewright.local.engine.variables import local_variables, shell_lines

    project = Project.find()
    for line in shell_lines(local_variables(project, require(project), os.environ)):
        click.echo(line)
