"""adopt, retire: what comes in from an account, and what is taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gatewright.errors import RefusedError, UsageError
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.cloudflare.client import Client
    from gatewright.operations.adopt import Adopted


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
    from gatewright.operations.adopt import adopt as read
    from gatewright.operations.adopt import write

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
        click.echo("\nNothing was written.")
        return
    write(found)
    _say_what_is_next(project, found)


def _adopt_missing(project: Project, name: str, *, dry_run: bool) -> None:
    from gatewright.operations.adopt_missing import find_missing, write_missing
    from gatewright.operations.environments import open_one
    from gatewright.operations.up import engine_of

    environment = open_one(project, name)
    where = None if environment.local else environment.account_id
    with _reached(project, where)[0] as client:
        found = find_missing(environment, client, engine_of(project, environment))
    for token in found.lost_tokens:
        click.echo(f"token {token} is at Cloudflare, and nobody has its value: the next up makes another; delete it")
    if not found.entries:
        click.echo(f"Nothing of {name} is at Cloudflare that its stack does not have.")
        return
    names = ", ".join(entry.shown for entry in found.entries)
    if dry_run:
        click.echo(f"Would be imported: {names}.")
        return
    click.echo(f"{write_missing(project, name, found.entries)}: {names}")
    click.echo(f"Next:  gatewright up {name}")


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
        click.echo(f"{project.shown(path)}:")
        click.echo("".join(f"  {line}\n" for line in text.splitlines()))
    click.echo(f"Imported at the next up: {', '.join(entry.shown for entry in found.entries)}.")
    if found.elements:
        click.echo(f"Written as the graph itself, since a tree would make another one: {', '.join(found.elements)}.")
    if found.kept:
        settings = ", ".join(found.kept)
        click.echo(f"No file can say these as they are, so they stay while the imports are there: {settings}.")
    click.echo(f"Left out, {len(found.skipped)}:")
    for skipped in found.skipped:
        click.echo(f"  {skipped}")
    if found.variables:
        click.echo("Secrets to supply, with the values that Cloudflare has:")
        for variable in found.variables:
            click.echo(f"  export {variable}=…")


def _say_what_is_next(project: Project, found: Adopted) -> None:
    imports = project.shown(found.files[1][0])
    click.echo("\nNext:")
    click.echo(f"  gatewright up {found.environment:<24} import it all; nothing changes at Cloudflare")
    click.echo(f"  rm {imports:<35} no longer needed then")
    click.echo(
        "  extends: base.yaml                     brings your routes, tokens and clients: look at a preview first"
    )
