"""routes: draw routes, or roll them back."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.echo import print_json, say, say_folded
from gatewright.cli.parameters import complete_clients, environment_argument
from gatewright.command_line import command
from gatewright.errors import ExitCode, GatewrightError, UsageError
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.routes.client_path import RouteUser
    from gatewright.operations.routes.drawing import RouteDrawing
    from gatewright.operations.routes.rollback import Rollback

ROLLBACK = "rollback"
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@environment_argument
@click.argument("routes", metavar="[ROUTE]... | rollback [ROUTE]", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "mermaid", "json"]), default="text", help="Output format.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a rollback on a real account.")
@click.option("--save", type=_FILE, metavar="FILE", help="Save which version of each route is deployed at Cloudflare.")
@click.option("--deployed", is_flag=True, help="Draw the versions that Cloudflare runs.")
@click.option(
    "--as",
    "name",
    metavar="CLIENT[/ROLE]",
    shell_complete=complete_clients,
    help="Draw what the requests of this client take: its metadata decides the branches.",
)
@click.option("--to", type=_FILE, metavar="FILE", help="With `rollback`: deploy the versions saved by --save.")
def routes(
    environment: str,
    routes: tuple[str, ...],
    form: str,
    yes: bool,
    save: Path | None,
    deployed: bool,
    name: str | None,
    to: Path | None,
) -> int:
    """Draw routes, or roll them back.

    Without `rollback`: print each ROUTE, or all routes, as text, as Mermaid in Markdown, or as the elements that
    Cloudflare gets. Drawn from the YAML files; as text also what Cloudflare runs instead, where it can be asked.

    With --as: only what requests of this client can reach. Fixed values of its metadata decide a branch; a value that
    it reads from a variable, a header or the body leaves both. Models that gateway policies refuse it are named.

    With `rollback`: deploy the version of ROUTE that ran before the current one. Each further rollback goes back one
    more version. With --to: deploy the saved version of every route in the file. The next up deploys the version of
    the environment file again.
    """
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    as_json = form == "json"
    if name and (save or routes[:1] == (ROLLBACK,)):
        raise UsageError("--as draws routes only", command(f"routes {environment} --as {name}"))
    if routes[:1] == (ROLLBACK,) and (len(routes) > 1 or ROLLBACK not in declared.routes):
        if to and len(routes) == 1:
            return _restore(project, declared, to, yes=yes, as_json=as_json)
        if len(routes) != 2 or to:
            raise UsageError("rollback takes one route", command(f"routes {environment} rollback ROUTE"))
        return _roll_back(project, declared, routes[1], yes=yes, as_json=as_json)
    if to:
        raise UsageError("--to requires rollback", command(f"routes {environment} rollback --to {to}"))
    if save:
        return _save(declared, save, as_json=as_json)
    user = _user(declared, name) if name else None
    drawings = _draw(declared, routes, user, deployed=deployed)
    if as_json:
        elements = {drawing.route: drawing.elements for drawing in drawings}
        click.echo(json.dumps(_as_json(declared, user, elements) if user else elements, indent=2, ensure_ascii=False))
        return ExitCode.DONE
    if form == "text":
        others = {} if deployed or user else _other_versions(declared)
        blocks = [_text(drawing, others.get(drawing.route), name) for drawing in drawings]
    else:
        blocks = [_mermaid(drawing, name) for drawing in drawings]
    text = "\n\n".join(map("\n".join, blocks)) or f"{name or environment} has no routes"
    if form == "text":
        say_folded(text)
    else:
        say(text)
    return ExitCode.DONE


def _user(declared: Environment, name: str) -> RouteUser:
    from gatewright.operations.routes.client_path import find_user

    return find_user(declared, name)


def _draw(
    declared: Environment, routes: Sequence[str], user: RouteUser | None, *, deployed: bool
) -> list[RouteDrawing]:
    from gatewright.operations.routes.client_path import narrow
    from gatewright.operations.routes.drawing import draw_routes

    if user is not None:
        routes = user.select(declared, routes)
        if not routes:
            return []
    if deployed:
        from gatewright.operations.routes.deployed import draw_deployed

        drawings = draw_deployed(declared, routes)
    else:
        drawings = draw_routes(declared, routes)
    return [narrow(declared, drawing, user.sender) for drawing in drawings] if user else drawings


def _as_json(
    declared: Environment, user: RouteUser, elements: Mapping[str, Sequence[dict[str, Any]]]
) -> dict[str, Any]:
    """The elements that requests of `user` reach; {"env": NAME} is a variable that the client reads. With policies
    also what they decide on each model: allowed is null where the request decides."""
    from gatewright.environment.references import FromVariable
    from gatewright.operations.routes.client_path import model_verdicts

    metadata = {
        key: {"env": value.name} if isinstance(value, FromVariable) else value
        for key, value in user.sender.metadata.items()
    }
    policies = {
        route: {name: asdict(verdict) for name, verdict in model_verdicts(declared, graph, user.sender).items()}
        for route, graph in elements.items()
    }
    document = {"client": user.client, "role": user.role or None, "metadata": metadata, "routes": elements}
    return document | ({"policies": policies} if declared.gateway.policies else {})


def _other_versions(declared: Environment) -> Mapping[str, RouteDrawing]:
    """What Cloudflare runs instead of the file's versions; nothing without a token."""
    if declared.local is None and not (declared.account_id and os.environ.get(declared.deploy_variable)):
        return {}
    from gatewright.operations.routes.deployed import other_versions

    return other_versions(declared)


def _as(name: str | None) -> str:
    return f" as {name}" if name else ""


def _text(drawing: RouteDrawing, other: RouteDrawing | None, name: str | None) -> Iterator[str]:
    """The drawing, and below it the version that Cloudflare runs instead."""
    yield f"dynamic/{drawing.route}{_as(name)}{f' (version {drawing.version})' if drawing.version else ''}"
    yield from (f"  {line}" for line in drawing.text)
    yield from (f"  {note}" for note in drawing.notes)
    if other:
        yield f"  Cloudflare runs version {other.version} instead:"
        yield from (f"    {line}" for line in other.text)


def _mermaid(drawing: RouteDrawing, name: str | None) -> Iterator[str]:
    yield from (f"### dynamic/{drawing.route}{_as(name)}", "", "```mermaid", *drawing.mermaid, "```")


def _roll_back(project: Project, declared: Environment, route: str, *, yes: bool, as_json: bool) -> int:
    from gatewright.operations.routes.rollback import roll_back

    sure = yes or declared.local is not None
    done = roll_back(declared, route, lambda rollback: sure or _confirm(declared.name, rollback, as_json=as_json))
    if done is None:
        say("Nothing was changed.", err=as_json)
        return ExitCode.FAILED
    if as_json:
        print_json(asdict(done))
        _refresh_state(project, declared, [route], quiet=True)
        return ExitCode.DONE
    _show(f"dynamic/{route} now runs version {done.version} of {done.created} (before: {done.replaced}):", done.text)
    _refresh_state(project, declared, [route])
    return ExitCode.DONE


def _refresh_state(project: Project, declared: Environment, routes: Sequence[str], *, quiet: bool = False) -> None:
    from gatewright.operations.routes.rollback import refresh_state, urn_pattern
    from gatewright.operations.stack.open_stack import shell_prefix_for

    name = declared.name
    try:
        refresh_state(project, declared, routes)
    except (GatewrightError, OSError) as error:  # the rollback itself is done
        say(f"The stack's state could not be refreshed, so a preview does not show the rollback yet: {error}", err=True)
        targets = " ".join(f"--target '{urn_pattern(route)}'" for route in routes)
        say(f"  → {shell_prefix_for(project, declared)}pulumi refresh --stack {name} {targets}", err=True)
        return
    up = command(f"up {name}")
    say(
        f"A preview shows this as a change, and drift as drift; the next {up} deploys the file's version again.",
        err=quiet,
    )


def _save(declared: Environment, file: Path, *, as_json: bool) -> int:
    from gatewright.operations.routes.versions import deployed_versions, save_versions

    versions = deployed_versions(declared)
    save_versions(versions, file)
    if as_json:
        print_json({"file": str(file), "routes": len(versions.routes)})
        return ExitCode.DONE
    restore = command(f"routes {declared.name} rollback --to {file}")
    say(f"{plural(len(versions.routes), 'route')} saved in {file}. To deploy these versions again: {restore}")
    return ExitCode.DONE


def _restore(project: Project, declared: Environment, file: Path, *, yes: bool, as_json: bool) -> int:
    from gatewright.operations.routes.versions import read_versions, restore_versions

    saved = read_versions(file)
    if not yes and declared.local is None:
        hint = command(f"routes {declared.name} rollback --to {file} --yes")
        raise UsageError("rolling back all routes of a real account requires --yes", hint)
    result = restore_versions(declared, saved)
    if as_json:
        print_json(asdict(result))
    for route in result.changed:
        if route.error:
            say(f"dynamic/{route.route} is not restored: {route.error}", err=True)
        else:
            say(f"dynamic/{route.route} runs version {route.version} again (before: {route.replaced})", err=as_json)
    if restored := [route.route for route in result.changed if not route.error]:
        _refresh_state(project, declared, restored, quiet=as_json)
    if not result.changed:
        say("Every saved route already runs its saved version.", err=as_json)
    if result.created_since:
        names = ", ".join(f"dynamic/{route}" for route in result.created_since)
        say(f"Created since, and left unchanged: {names}", err=as_json)
    return ExitCode.FAILED if any(route.error for route in result.changed) else ExitCode.DONE


def _confirm(environment: str, rollback: Rollback, *, as_json: bool) -> bool:
    if not sys.stdin.isatty():
        hint = command(f"routes {environment} rollback {rollback.route} --yes")
        raise UsageError("a change of a real account must be confirmed, and there is no terminal to ask on", hint)
    _show(
        f"dynamic/{rollback.route} would run version {rollback.version} of {rollback.created}:",
        rollback.text,
        err=as_json,
    )
    return click.confirm("Roll back?", err=as_json)


def _show(heading: str, text: Sequence[str], *, err: bool = False) -> None:
    say("\n".join((heading, *(f"  {line}" for line in text), "")), err=err)
