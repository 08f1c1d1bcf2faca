"""new: an environment file to start from."""

from __future__ import annotations

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import command
from gatewright.project import Project


@click.command()
@environment_argument
@json_option
def new(environment: str, form: str) -> None:
    """Create stacks/ENV.yaml, which extends base.yaml."""
    from gatewright.operations.new import new_environment

    project = Project.find()
    new_file = new_environment(project, environment)
    if form == "json":
        print_json({"created": [project.shown(new_file.path)], "variable": new_file.variable})
        return
    click.echo(f"created {project.shown(new_file.path)}")
    click.echo(f"Next:  export {new_file.variable}=…    the account's id (not a secret)")
    click.echo(f"       {command(f'validate {environment}')}")
