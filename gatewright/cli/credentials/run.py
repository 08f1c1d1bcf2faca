"""run: run a command with the tokens and keys of an environment."""

from __future__ import annotations

import os

import click

from gatewright.cli.echo import print_notes
from gatewright.cli.parameters import environment_argument
from gatewright.project import Project


@click.command(options_metavar="[--client NAME] [--keep NAME]...")
@environment_argument
@click.option("--client", metavar="NAME", help="Pass on only the variables of this client.")
@click.option(
    "--keep",
    metavar="NAME",
    multiple=True,
    help="Pass this variable on although it is withheld by default; `*` stands for any characters; repeatable.",
)
@click.argument("command", metavar="-- COMMAND...", nargs=-1, required=True)
def run(environment: str, client: str | None, keep: tuple[str, ...], command: tuple[str, ...]) -> None:
    """Run a command with the clients' tokens and keys.

    They are only in the environment of the command: not in a file, not in the list of processes. Variables that are set
    stay unchanged; the others come from the stack.

    Of the shell's other variables the command gets the ordinary ones, such as PATH, HOME, LANG and proxies. All others
    are withheld and listed: the deploying token, the passphrase, the keys of providers, exporters and clouds. The exit
    code is the command's.
    """
    from gatewright.operations.tokens.exec_command import exec_command
    from gatewright.operations.tokens.needed_variables import conflicting_variables, needed_variables
    from gatewright.operations.tokens.passed_variables import command_environment
    from gatewright.operations.tokens.secrets import Secrets
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    variables = needed_variables(declared, client)
    supply = Secrets(project, declared, os.environ).supply(variables)
    conflicts = conflicting_variables(declared, client, variables)
    environment_of_command = command_environment(os.environ, supply.values, keep, conflicts)
    withheld = environment_of_command.withheld
    print_notes(supply.notes)
    print_notes(f"{name} is withheld: {conflicts[name]}; --keep {name}" for name in withheld if name in conflicts)
    if others := [name for name in withheld if name not in conflicts]:
        print_notes([f"withheld: {', '.join(others)}; to pass one on: --keep NAME"])
    exec_command(command, environment_of_command.variables)
