"""new: an environment file to start from."""

from __future__ import annotations

import click

from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="ENV")
def new(environment: str) -> None:
    """Make stacks/ENV.yaml, laid over base.yaml."""
    from gatewright.operations.new import new_environment

    project = Project.find()
    made = new_environment(project, environment)
    click.echo(f"made {project.shown(made.path)}")
    click.echo(f"Next:  export {made.variable}=…    the account's id (no secret)")
    click.echo(f"       gatewright validate {environment}")
