"""run: a command with the tokens and keys of an environment."""

from __future__ import annotations

import os

import click

from gatewright.cli.echo import note
from gatewright.project import Project


@click.command(options_metavar="[--client NAME] [--keep NAME]...")
@click.argument("environment", metavar="ENV")
@click.option("--client", metavar="NAME", help="Only what this client needs.")
@click.option("--keep", metavar="NAME", multiple=True, help="A variable that is else kept back; may be repeated.")
@click.argument("command", metavar="-- COMMAND...", nargs=-1, required=True)
def run(environment: str, client: str | None, keep: tuple[str, ...], command: tuple[str, ...]) -> None:
    """Run a command with the clients' tokens and keys.

    They are in its environment alone: not in a file, not in the list of processes. What is set already stays; the rest
    comes from the stack. What deploys is kept back (CLOUDFLARE_API_TOKEN, the passphrase), and what a client would send
    beside its token. The exit code is the command's.
    """
    from gatewright.operations.tokens.exec_command import DEPLOYING, exec_command
    from gatewright.operations.tokens.needed_variables import conflicting_variables, needed_variables
    from gatewright.operations.tokens.secrets import Secrets
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    variables = needed_variables(declared, client)
    supply = Secrets(project, declared, os.environ).supply(variables)
    beside = conflicting_variables(declared, client, variables)
    back = [name for name in (*DEPLOYING, *beside) if name in os.environ and name not in {*keep, *supply.values}]
    note(supply.notes)
    note(f"{name} is kept back: {beside[name]}; --keep {name}" for name in back if name in beside)
    exec_command(command, supply.values, back)
