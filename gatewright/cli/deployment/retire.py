"""retire: remove an environment for good."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from gatewright.cli.deployment.account_client import account_client
from gatewright.cli.echo import print_json, say
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment
    from gatewright.operations.adoption.retire import Retirement


@click.command()
@environment_argument
@click.option("--yes", "-y", is_flag=True, help="Do not ask for the environment's name.")
@click.option("--force", is_flag=True, help="Retire it although a token was used within the last day.")
@json_option
def retire(environment: str, yes: bool, force: bool, form: str) -> None:
    """Remove an environment for good, even a protected one.

    An environment whose tokens are in use is refused. After an interruption, run it again to finish.
    """
    from gatewright.operations.adoption.retire import plan_retirement, remaining_files, require_unused
    from gatewright.operations.adoption.retire import retire as remove
    from gatewright.operations.stack.open_stack import open_stack
    from gatewright.workspace import open_one, require_account

    project = Project.find()
    declared = open_one(project, environment)
    pulumi = open_stack(project, declared)
    with account_client(project, None if declared.local else require_account(declared), declared)[0] as client:
        retirement = plan_retirement(declared, client, pulumi)
        _describe(declared, retirement, partial(say, err=form == "json"))
        if not force:
            require_unused(retirement)
        if (retirement.resources or retirement.leftovers) and not yes:
            _confirm(environment, protected=bool(retirement.protected))
        deleted = remove(declared, client, pulumi, retirement)
    if form == "json":
        files = [project.shown(path) for path in remaining_files(project, environment)]
        print_json({"environment": environment, "deleted": deleted, "clients": retirement.clients, "files": files})
        return
    say(f"{plural(deleted, 'resource')} deleted, and the stack. The Secrets Store stays: it belongs to the account.")
    remaining = " ".join(project.shown(path) for path in remaining_files(project, environment))
    say(f"Next:  git rm {remaining}")


def _describe(environment: Environment, retirement: Retirement, report: Callable[[str], None]) -> None:
    report(f"{environment.name}: {plural(retirement.resources, 'resource')} of gateway {environment.gateway_name}")
    if retirement.leftovers:
        names = ", ".join(leftover.label for leftover in retirement.leftovers)
        report(f"Deleted too, left by a run that was interrupted: {names}.")
    if retirement.clients:
        clients = ", ".join(retirement.clients)
        report(f"Clients whose files name it, here and where they are installed: {clients}.")
    for token, time in retirement.used:
        report(f"token {token} was used at {time}")


def _confirm(environment: str, *, protected: bool) -> None:
    if not sys.stdin.isatty():
        message = f"cannot ask before removing {environment}: standard input is not a terminal"
        raise UsageError(message, command(f"retire {environment} --yes"))
    if protected:
        say("Its gateway is protected: its logs and its name will be lost.", err=True)
    if click.prompt("Type its name to remove it", err=True) != environment:
        raise UsageError(f"that is not {environment}: nothing was changed")
