"""env: print the tokens and keys of an environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gatewright.cli.echo import print_notes
from gatewright.cli.parameters import environment_argument
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.project import Project

ENV_FILE = "GITHUB_ENV"


@click.command()
@environment_argument
@click.option("--client", metavar="NAME", help="Print only the variables of this client.")
@click.option("--only", metavar="NAME", multiple=True, help="Print only this variable, or this token; repeatable.")
@click.option(
    "--format", "style", type=click.Choice(["shell", "dotenv", "github", "json"]), default="shell", show_default=True
)
def env(environment: str, client: str | None, only: tuple[str, ...], style: str) -> None:
    """Print the tokens and keys that the clients need.

    In a GitHub workflow `--format github` masks them in the log, and sets them for the following steps. To give one
    token to a person see docs/guides/secrets-for-one-person.md.
    """
    from gatewright.cli.credentials import secret_lines
    from gatewright.operations.tokens.needed_variables import conflicting_variables, named_tokens, needed_variables
    from gatewright.operations.tokens.secrets import Secrets
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    variables = needed_variables(declared, client, only)
    file = _github_file() if style == "github" else None
    secrets = Secrets(project, declared, os.environ, named_tokens(declared, only))
    supply = secrets.supply(variables)
    conflicts = {} if only else conflicting_variables(declared, client, variables)
    print_notes(supply.notes)
    print_notes(f"{name} should not be set: {why}" for name, why in conflicts.items() if os.environ.get(name))
    if file is not None:
        click.echo(secret_lines.github_masks(secrets.masks(supply)), nl=False)
        sys.stdout.flush()  # the log masks them from here on
        with file.open("a", encoding="utf-8") as stream:
            stream.write(secret_lines.github_env(supply.values))
        return
    if sys.stdout.isatty():
        print_notes([f"these are secrets; {command(f'run {environment} -- COMMAND')} does not show them"])
    formats = {"shell": secret_lines.shell, "dotenv": secret_lines.dotenv, "json": secret_lines.as_json}
    click.echo(formats[style](supply.values), nl=False)


def _github_file() -> Path:
    """The file to which a workflow step writes variables for the following steps."""
    name = os.environ.get(ENV_FILE)
    if not name:
        raise UsageError(f"--format github is for a step of a GitHub workflow: {ENV_FILE} is not set", "--format shell")
    return Path(name)
