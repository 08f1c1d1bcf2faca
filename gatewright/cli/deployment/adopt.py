"""adopt: create an environment file for a gateway that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gatewright.cli.deployment.account_client import account_client
from gatewright.cli.echo import next_steps, print_json, say
from gatewright.cli.parameters import json_option, optional_environment
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.import_file import Entry
    from gatewright.operations.adoption.adopt import Adoption


@click.command()
@optional_environment
@click.option("--account", metavar="ID", help="The account of the gateway.")
@click.option("--gateway", metavar="NAME", help="The gateway.")
@click.option("--local", "local", is_flag=True, help="Use the account of the local Cloudflare.")
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
@json_option
def adopt(
    environment: str | None, account: str | None, gateway: str | None, local: bool, dry_run: bool, form: str
) -> None:
    """Adopt a gateway that exists at Cloudflare.

    With --gateway: write stacks/ENV.yaml and stacks/ENV.import.json. The first up imports everything listed there. ENV
    defaults to the gateway's name.

    With ENV alone: find resources of that environment that exist at Cloudflare but not in its stack.

    Cloudflare is only read: CLOUDFLARE_API_TOKEN needs AI Gateway Read.
    """
    from gatewright.operations.adoption.adopt import adopt as read_adoption
    from gatewright.operations.adoption.adopt import write_adoption

    project = Project.find()
    if environment and not (account or gateway or local):
        _adopt_unmanaged(project, environment, dry_run=dry_run, form=form)
        return
    if gateway is None or (account is None) is not local:
        hint = f"{command('adopt [ENV] --account ID --gateway NAME')}, or --local --gateway NAME"
        raise UsageError("name one gateway and its account", hint)
    name = environment or gateway.removeprefix("agents-")
    client, target = account_client(project, account)
    with client:
        adoption = read_adoption(project, name, client, account or LOCAL_ACCOUNT, gateway, target)
    if form == "json":
        print_json(_document(project, adoption, written=not dry_run))
        if not dry_run:
            write_adoption(adoption)
        return
    _show(project, adoption)
    if dry_run:
        say("\nNothing was written.")
        return
    write_adoption(adoption)
    say()
    steps = [
        (command(f"up {name}"), "import everything; nothing changes at Cloudflare"),
        (f"rm {project.shown(adoption.files[1][0])}", "not needed after that"),
        ("extends: base.yaml", "adds your routes, tokens and clients; preview it first"),
    ]
    for line in next_steps(steps):
        say(line)


def _document(project: Project, adoption: Adoption, *, written: bool) -> dict[str, object]:
    return {
        "environment": adoption.environment,
        "files": {project.shown(path): text for path, text in adoption.files},
        "imports": [entry.shown for entry in adoption.entries],
        "elements": adoption.elements,
        "ignored": adoption.ignored,
        "skipped": adoption.skipped,
        "variables": adoption.variables,
        "written": written,
    }


def _adopt_unmanaged(project: Project, name: str, *, dry_run: bool, form: str) -> None:
    from gatewright.operations.adoption.find_unmanaged import add_imports, find_unmanaged
    from gatewright.operations.stack.open_stack import open_stack
    from gatewright.workspace import open_one

    environment = open_one(project, name)
    account = None if environment.local else environment.account_id
    with account_client(project, account, environment)[0] as client:
        unmanaged = find_unmanaged(project, environment, client, open_stack(project, environment))
    imports = [entry.shown for entry in unmanaged.entries]
    if form == "json":
        if imports and not dry_run:
            add_imports(project, name, unmanaged.entries)
        lost, shared = unmanaged.lost_tokens, dict(unmanaged.shared)
        document = {"environment": name, "imports": imports, "lostTokens": lost, "shared": shared}
        document["lostServiceTokens"] = unmanaged.lost_service_tokens
        print_json(document | {"written": bool(imports) and not dry_run})
        return
    for token in unmanaged.lost_tokens:
        say(f"token {token} exists, but its value is lost: delete it; the next up creates another one")
    for token in unmanaged.lost_service_tokens:
        say(f"service token {token} exists, but its secret is lost: {command(f'drift {name}')} prints how to delete it")
    for slug, owners in unmanaged.shared.items():
        say(f"custom provider {slug} is shared with {', '.join(owners)}: {command(f'up {name}')} takes it as it is")
    if not unmanaged.entries:
        say(f"Cloudflare has nothing of {name} that is not in its stack.")
        return
    names = ", ".join(imports)
    if dry_run:
        say(f"Would be imported: {names}.")
        return
    path = add_imports(project, name, unmanaged.entries)
    say(f"{path}: {names}")
    if kept := [entry for entry in unmanaged.entries if entry.ignore_changes]:
        say(f"Unchanged as long as {path} exists: {'; '.join(map(_describe_kept, kept))}.")
        say("Delete it after the next up; the up after that applies the file's settings. Check its preview.")
    say(f"Next:  {command(f'up {name}')}")


def _describe_kept(entry: Entry) -> str:
    return f"{entry.shown} ({', '.join(entry.ignore_changes)})"


def _show(project: Project, adoption: Adoption) -> None:
    for path, text in adoption.files:
        say(f"{project.shown(path)}:")
        say("".join(f"  {line}\n" for line in text.splitlines()))
    say(f"Imported by the next up: {', '.join(entry.shown for entry in adoption.entries)}.")
    if adoption.elements:
        say(f"Written as a graph, since a tree would compile to another one: {', '.join(adoption.elements)}.")
    if adoption.ignored:
        settings = ", ".join(adoption.ignored)
        say(f"Unchanged as long as the imports exist, since a file cannot express them: {settings}.")
    say(f"Left out ({len(adoption.skipped)}):")
    for skipped in adoption.skipped:
        say(f"  {skipped}")
    if adoption.variables:
        say("Set these variables to the secrets that Cloudflare has:")
        for variable in adoption.variables:
            say(f"  export {variable}=…")
