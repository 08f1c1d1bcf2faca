"""retire: remove an environment for good."""

from __future__ import annotations

import sys

import click

from gatewright.cli.deployment.account_client import account_client
from gatewright.cli.echo import say
from gatewright.errors import GatewrightError, UsageError
from gatewright.project import Project


@click.command()
@click.argument("environment", metavar="ENV")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for the environment's name.")
@click.option("--force", is_flag=True, help="Although a token of it was used within the last day.")
def retire(environment: str, yes: bool, force: bool) -> None:
    """Take an environment down for good, protected or not.

    Refused while its tokens are in use. Run again after an interruption, it finishes.
    """
    from gatewright.operations.adoption.retire import look, remaining
    from gatewright.operations.adoption.retire import retire as take_down
    from gatewright.operations.stack.open_stack import open_stack
    from gatewright.workspace import open_one, require_account

    project = Project.find()
    declared = open_one(project, environment)
    pulumi = open_stack(project, declared)
    with account_client(project, None if declared.local else require_account(declared))[0] as client:
        found = look(declared, client, pulumi)
    say(f"{environment}: {found.resources} resources of gateway {declared.gateway_name}")
    if found.clients:
        say(f"Their files name it, here and where they were installed: {', '.join(found.clients)}.")
    for token, when in found.used:
        say(f"token {token} was used at {when}")
    if found.used and not force:
        message = f"{environment} is in use: a token of it was used within the last day"
        hint = (
            f"Give its clients another environment first; or, if they may fail: gatewright retire {environment} --force"
        )
        raise GatewrightError(message, hint)
    if found.resources:
        _confirm(environment, protected=bool(found.protected), yes=yes)
    gone = take_down(pulumi, found)
    say(f"{gone} resources deleted, and the stack. The account's Secrets Store stays: it is the account's.")
    left = " ".join(project.shown(path) for path in remaining(project, environment))
    say(f"Left for you:  git rm {left}")


def _confirm(environment: str, *, protected: bool, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        message = f"there is no terminal to ask whether {environment} may be taken down"
        raise UsageError(message, f"gatewright retire {environment} --yes")
    if protected:
        say("Its gateway is protected: its logs and its name would be lost.")
    if click.prompt("Type its name to take it down") != environment:
        raise UsageError(f"that is not {environment}: nothing was changed")
