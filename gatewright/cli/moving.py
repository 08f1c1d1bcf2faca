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
    """Take over a gateway that is at Cloudflare already.

    Writes stacks/ENV.yaml, and stacks/ENV.import.json, which the first pulumi up takes everything over by. ENV is named
    after the gateway unless named. Reads only: CLOUDFLARE_API_TOKEN needs AI Gateway Read.
    """
    from gatewright.operations.adopt import adopt as read
    from gatewright.operations.adopt import write

    project = Project.find()
    if gateway is None or (account is None) is not local:
        raise UsageError(
            "which gateway?", "gatewright adopt [ENV] --account ID --gateway NAME, or --local --gateway NAME"
        )
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
