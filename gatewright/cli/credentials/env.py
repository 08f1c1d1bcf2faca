"""env: print the tokens and keys of an environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gatewright.cli.echo import note
from gatewright.errors import UsageError
from gatewright.project import Project

ENV_FILE = "GITHUB_ENV"


@click.command()
@click.argument("environment", metavar="ENV")
@click.option("--client", metavar="NAME", help="Only what this client needs.")
@click.option("--only", metavar="NAME", multiple=True, help="One variable, or one token by its name; may be repeated.")
@click.option(
    "--format", "style", type=click.Choice(["shell", "dotenv", "github", "json"]), default="shell", show_default=True
)
def env(environment: str, client: str | None, only: tuple[str, ...], style: str) -> None:
    """Print the tokens and keys that the clients of ENV need.

    In a GitHub workflow `--format github` masks them in the log and sets them for the steps that follow. Handing one
    token to a person: docs/guides/secrets-for-one-person.md
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
    beside = {} if only else conflicting_variables(declared, client, variables)
    note(supply.notes)
    note(f"{name} is set, and should not be: {why}" for name, why in beside.items() if os.environ.get(name))
    if file is not None:
        click.echo(secret_lines.github_masks(secrets.masks(supply)), nl=False)
        sys.stdout.flush()  # before anything can show them
        with file.open("a", encoding="utf-8") as opened:
            opened.write(secret_lines.github_env(supply.values))
        return
    if sys.stdout.isatty():
        note([f"these are secrets; gatewright run {environment} -- COMMAND shows them to nobody"])
    forms = {"shell": secret_lines.shell, "dotenv": secret_lines.dotenv, "json": secret_lines.as_json}
    click.echo(forms[style](supply.values), nl=False)


def _github_file() -> Path:
    """Where a workflow's step leaves variables for the next."""
    name = os.environ.get(ENV_FILE)
    if not name:
        raise UsageError(f"--format github is for a step of a GitHub workflow: {ENV_FILE} is not set", "--format shell")
    return Path(name)
