"""routes: how each route runs, drawn; and the brake that deploys the version before."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import say
from gatewright.errors import ExitCode, GatewrightError, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.routes.drawing import Drawn
    from gatewright.operations.routes.rollback import RolledBack

ROLLBACK = "rollback"
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("routes", metavar="[ROUTE]... | rollback [ROUTE]", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(["text", "mermaid", "json"]), default="text", help="How it is drawn."
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a rollback on a real account.")
@click.option("--save", type=_FILE, metavar="FILE", help="Keep which version of each route runs now at Cloudflare.")
@click.option("--to", type=_FILE, metavar="FILE", help="With `rollback`: all routes back to what --save has kept.")
def routes(environment: str, routes: tuple[str, ...], form: str, yes: bool, save: Path | None, to: Path | None) -> int:
    """Draw how routes run, or roll one back.

    Without `rollback`: each ROUTE as text, as Mermaid in Markdown, or as the elements that Cloudflare gets; all of
    them unless named. From the YAML alone.

    With it: deploy the version of ROUTE that ran before the present one, at once. Each further rollback goes one
    version further back. With --to the versions that ran when the file was saved, of every route that was there then.
    The next up puts the file's version back.
    """
    from gatewright.operations.routes.drawing import drawn
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    if routes[:1] == (ROLLBACK,) and (len(routes) > 1 or ROLLBACK not in declared.routes):
        if to and len(routes) == 1:
            return _go_back(project, declared, to, yes=yes)
        if len(routes) != 2 or to:
            raise UsageError("a rollback is of one route", f"gatewright routes {environment} rollback ROUTE")
        return _roll_back(project, declared, routes[1], yes=yes)
    if to:
        raise UsageError("--to is of a rollback", f"gatewright routes {environment} rollback --to {to}")
    if save:
        return _save(declared, save)
    found = drawn(declared, routes)
    if form == "json":
        click.echo(json.dumps({each.route: each.elements for each in found}, indent=2, ensure_ascii=False))
    else:
        lines = _markdown(found) if form == "mermaid" else _text(found)
        say("\n".join(lines) or f"{environment} has no routes")
    return ExitCode.DONE


def _text(found: Sequence[Drawn]) -> Iterator[str]:
    for index, each in enumerate(found):
        if index:
            yield ""
        yield f"dynamic/{each.route}"
        yield from (f"  {line}" for line in each.text)


def _markdown(found: Sequence[Drawn]) -> Iterator[str]:
    for index, each in enumerate(found):
        if index:
            yield ""
        yield from (f"### dynamic/{each.route}", "", "```mermaid", *each.mermaid, "```")


def _roll_back(project: Project, declared: Environment, route: str, *, yes: bool) -> int:
    from gatewright.operations.routes.rollback import roll_back

    name = declared.name
    done = roll_back(declared, route, lambda plan: yes or declared.local is not None or _agreed(name, plan))
    if done is None:
        say("Nothing was changed.")
        return ExitCode.FAILED
    _show(f"dynamic/{route} now runs version {done.version} of {done.made}, instead of {done.instead_of}:", done.text)
    _tell(project, declared, [route])
    return ExitCode.DONE


def _tell(project: Project, declared: Environment, routes: Sequence[str]) -> None:
    from gatewright.operations.routes.rollback import tell_state, urn_pattern
    from gatewright.operations.up import enter_of

    name = declared.name
    try:
        tell_state(project, declared, routes)
    except (GatewrightError, OSError) as error:  # the brake is on all the same
        say(f"The stack's state could not be told, so a preview does not show it yet: {error}", err=True)
        targets = " ".join(f"--target '{urn_pattern(route)}'" for route in routes)
        say(f"  → {enter_of(project, declared)}pulumi refresh --stack {name} {targets}", err=True)
        return
    say(f"A preview shows it as a change; the next gatewright up {name} puts the file's version back.")


def _save(declared: Environment, file: Path) -> int:
    from gatewright.operations.routes.versions import running, write

    found = running(declared)
    write(found, file)
    routes = f"{len(found.routes)} route{'' if len(found.routes) == 1 else 's'}"
    say(f"{routes} in {file}: gatewright routes {declared.name} rollback --to {file}")
    return ExitCode.DONE


def _go_back(project: Project, declared: Environment, file: Path, *, yes: bool) -> int:
    from gatewright.operations.routes.versions import go_back, read

    before = read(file)
    if not yes and declared.local is None:
        again = f"gatewright routes {declared.name} rollback --to {file} --yes"
        raise UsageError("a rollback of all routes of a real account is done only with --yes", again)
    went = go_back(declared, before)
    for each in went.changed:
        if each.why:
            say(f"dynamic/{each.route} is not back: {each.why}", err=True)
        else:
            say(f"dynamic/{each.route} runs version {each.version} again, instead of {each.instead_of}")
    if back := [each.route for each in went.changed if not each.why]:
        _tell(project, declared, back)
    if not went.changed:
        say("Every route that was there runs as it did then.")
    if went.made_since:
        named = ", ".join(f"dynamic/{route}" for route in went.made_since)
        say(f"Made since, and left as it is: {named}")
    return ExitCode.FAILED if any(each.why for each in went.changed) else ExitCode.DONE


def _agreed(environment: str, plan: RolledBack) -> bool:
    if not sys.stdin.isatty():
        again = f"gatewright routes {environment} rollback {plan.route} --yes"
        raise UsageError("a real account is changed only when you say so, and there is no terminal to ask", again)
    _show(f"dynamic/{plan.route} would run version {plan.version} of {plan.made}:", plan.text)
    return click.confirm("Roll back?")


def _show(heading: str, text: Sequence[str]) -> None:
    say("\n".join((heading, *(f"  {line}" for line in text), "")))
