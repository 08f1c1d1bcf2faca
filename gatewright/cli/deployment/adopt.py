"""adopt: take over a gateway that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.cli.deployment.account_client import account_client
from gatewright.cli.echo import say
from gatewright.errors import UsageError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.project import Project

if TYPE_CHECKING:
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
    client, where = account_client(project, account)
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
    from gatewright.operations.stack.open_stack import open_stack
    from gatewright.workspace import open_one

    environment = open_one(project, name)
    where = None if environment.local else environment.account_id
    with account_client(project, where)[0] as client:
        found = find_missing(environment, client, open_stack(project, environment))
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
