"""run: run a command with the tokens and keys of an environment."""

from __future__ import annotations

import os

import click

from gatewright.cli.echo import print_notes
from gatewright.project import Project


@click.command(options_metavar="[--client NAME] [--keep NAME]...")
@click.argument("environment", metavar="ENV")
@click.option("--client", metavar="NAME", help="Pass on only the variables of this client.")
@click.option(
    "--keep",
    metavar="NAME",
    multiple=True,
    help="Pass this variable on although it is withheld by default; repeatable.",
)
@click.argument("command", metavar="-- COMMAND...", nargs=-1, required=True)
def run(environment: str, client: str | None, keep: tuple[str, ...], command: tuple[str, ...]) -> None:
    """Run a command with the clients' tokens and keys.

    They are only in the environment of the command: not in a file, not in the list of processes. Variables that are set
    stay unchanged; the others come from the stack.

    Withheld are the variables that deploy (CLOUDFLARE_API_TOKEN, the passphrase), and those that a client would send in
    addition to its token. The exit code is the command's.
    """
    from gatewright.operations.tokens.exec_command import DEPLOYING, exec_command
    from gatewright.operations.tokens.needed_variables import conflicting_variables, needed_variables
    from gatewright.operations.tokens.secrets import Secrets
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    variables = needed_variables(declared, client)
    supply = Secrets(project, declared, os.environ).supply(variables)
    conflicts = conflicting_variables(declared, client, variables)
    passed_on = {*keep, *supply.values}
    withheld = [name for name in (*DEPLOYING, *conflicts) if name in os.environ and name not in passed_on]
    print_notes(supply.notes)
    print_notes(f"{name} is withheld: {conflicts[name]}; --keep {name}" for name in withheld if name in conflicts)
    exec_command(command, supply.values, withheld)
