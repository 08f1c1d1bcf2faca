"""adopt, retire: what comes in from an account, and what is taken down."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.echo import say
from gatewright.errors import GatewrightError, RefusedError, UsageError
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client
    from gatewright.operations.adoption.adopt import Adopted


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@click.option("--account", metavar="ID", help="The account that has the gateway.")
@click.option("--gateway", metavar="NAME", help="The gateway.")
@click.option("--local", "local", is_flag=True, help="The account is the one of the Cloudflare on this machine.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def adopt(environment: str | None, account: str | None, gateway: str | None, local: bool, dry_run: bool) -> None:
    """Take over what is at Cloudflare already.

    With --gateway: writes stacks/ENV.yaml, and stacks/ENV.import.json, by which the first up takes everything over. ENV
    is named after the gateway unless named. With ENV alone: what of that environment is there and not in its stack.
    Reads only: CLOUDFLARE_API_TOKEN needs AI Gateway Read.
    """
    from gatewright.operations.adoption.adopt import adopt as read
    from gatewright.operations.adoption.adopt import write

    project = Project.find()
    if environment and not (account or gateway or local):
        _adopt_missing(project, environment, dry_run=dry_run)
        return
    if gateway is None or (account is None) is not local:
        hint = "gatewright adopt [ENV] --account ID --gateway NAME, or --local --gateway NAME"
        raise UsageError("which gateway?", hint)
    name = environment or gateway.removeprefix("agents-")
    client, where = _reached(project, account)
    with client:
        found = read(project, name, client, account or LOCAL_ACCOUNT, gateway, where)
    _show(project, found)
    if dry_run:
        say("\nNothing was written.")
        return
    write(found)
    _say_what_is_next(project, found)


def _adopt_missing(project: Project, name: str, *, dry_run: bool) -> None:
    from gatewright.operations.adoption.find_unmanaged import find_missing, write_missing
    from gatewright.operations.up import engine_of
    from gatewright.workspace import open_one

    environment = open_one(project, name)
    where = None if environment.local else environment.account_id
    with _reached(project, where)[0] as client:
        found = find_missing(environment, client, engine_of(project, environment))
    for token in found.lost_tokens:
        say(f"token {token} is at Cloudflare, and nobody has its value: the next up makes another; delete it")
    if not found.entries:
        say(f"Nothing of {name} is at Cloudflare that its stack does not have.")
        return
    names = ", ".join(entry.shown for entry in found.entries)
    if dry_run:
        say(f"Would be imported: {names}.")
        return
    say(f"{write_missing(project, name, found.entries)}: {names}")
    say(f"Next:  gatewright up {name}")


def _reached(project: Project, account: str | None) -> tuple[Client, dict[str, Any]]:
    """The way to the account, and what the file says of it."""
    from gatewright.cloudflare.client import Client
    from gatewright.local import daemon

    if account is not None:
        return Client(), {"account": account}
    running = daemon.status(project)
    if running is None:
        raise RefusedError("the Cloudflare on this machine does not run", "gatewright local start")
    where: object = True if running.port == DEFAULT_PORT else {"port": running.port}
    return Client(control_plane_url(running.port), LOCAL_DEPLOY_TOKEN), {"local": where}


def _show(project: Project, found: Adopted) -> None:
    for path, text in found.files:
        say(f"{project.shown(path)}:")
        say("".join(f"  {line}\n" for line in text.splitlines()))
    say(f"Imported at the next up: {', '.join(entry.shown for entry in found.entries)}.")
    if found.elements:
        say(f"Written as the graph itself, since a tree would make another one: {', '.join(found.elements)}.")
    if found.kept:
        settings = ", ".join(found.kept)
        say(f"No file can say these as they are, so they stay while the imports are there: {settings}.")
    say(f"Left out, {len(found.skipped)}:")
    for skipped in found.skipped:
        say(f"  {skipped}")
    if found.variables:
        say("Secrets to supply, with the values that Cloudflare has:")
        for variable in found.variables:
            say(f"  export {variable}=…")


def _say_what_is_next(project: Project, found: Adopted) -> None:
    imports = project.shown(found.files[1][0])
    say("\nNext:")
    say(f"  gatewright up {found.environment:<24} import it all; nothing changes at Cloudflare")
    say(f"  rm {imports:<35} no longer needed then")
    say("  extends: base.yaml                     brings your routes, tokens and clients: look at a preview first")


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
    from gatewright.operations.up import engine_of
    from gatewright.workspace import open_one, require_account

    project = Project.find()
    declared = open_one(project, environment)
    pulumi = engine_of(project, declared)
    with _reached(project, None if declared.local else require_account(declared))[0] as client:
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
