"""up: deploy environments."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.cli.screen import Screen
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
@click.option(
    "--plan",
    "plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Do what `preview --save` has saved there, or, if it would be anything else by now, nothing: exit code 2.",
)
@click.option("--only-due", is_flag=True, help="Only what the calendar brings; where anything else waits, exit code 2.")
@click.option("--refresh", is_flag=True, help="Look at Cloudflare first, and mend what was changed there.")
def up(environments: tuple[str, ...], every: bool, yes: bool, plan: Path | None, only_due: bool, refresh: bool) -> int:
    """Make environments so: gateway, routes, tokens, files.

    ENV is local unless named. Before a real account is changed, the preview is shown and you are asked: once, where
    there are several, which are then made side by side.
    """
    from gatewright.cli.batch import chosen

    if plan and refresh:
        message = "either --plan or --refresh: a saved plan was made without a look at Cloudflare"
        raise UsageError(message, "gatewright up ENV --refresh shows what it mends, and asks")
    project = Project.find()
    names = environments or (() if every else ("local",))
    loaded = {each.name: each for each in chosen(project, names, every=every)}
    if len(loaded) == 1:
        (one,) = loaded.values()
        return _one(project, one, yes=yes, plan=plan, only_due=only_due, refresh=refresh)
    if plan:
        raise UsageError("--plan is the plan of one environment", "gatewright up ENV --plan FILE")
    from gatewright.cli.deployment.up_many import up_many

    return up_many(project, loaded, yes=yes, only_due=only_due, refresh=refresh)


def _one(project: Project, loaded: Loaded, *, yes: bool, plan: Path | None, only_due: bool, refresh: bool) -> int:
    from gatewright.cli.screen import Screen
    from gatewright.operations.plan.saved_plan import read_saved
    from gatewright.operations.up import up as run
    from gatewright.workspace import require

    declared = require(loaded)
    screen = Screen()
    screen.heading(heading(declared))
    planned = read_saved(plan) if plan else None
    try:
        agree = partial(_agree, loaded.name, yes=yes)
        run(project, loaded, screen, agree, planned, only_due=only_due, refresh=refresh)
    except _DeclinedError:
        screen.line("Nothing was changed.")
        return ExitCode.FAILED
    say_what_is_done_with(project, loaded.name, screen)
    _say_what_is_next(screen, declared)
    return ExitCode.DONE


def heading(declared: Environment) -> str:
    """`gatewright · stack prod · account …`."""
    return f"gatewright · stack {declared.name} · {_where(declared)}"


def say_what_is_done_with(project: Project, name: str, screen: Screen) -> None:
    """That the list of what was to be taken over has been."""
    from gatewright.import_file import import_file

    if (imports := import_file(project, name)).exists():
        screen.line(f"{project.shown(imports)} has done its work: it may be deleted")


class _DeclinedError(Exception):
    """The answer was no."""


def _agree(environment: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        message = f"a real account is changed only when you say so, and there is no terminal to ask: {environment}"
        raise UsageError(message, f"gatewright up {environment} --yes")
    if not click.confirm("Make it so?"):
        raise _DeclinedError


def _where(declared: Environment) -> str:
    if declared.local:
        return f"Cloudflare on this machine (127.0.0.1:{declared.local.port})"
    return f"account {declared.account_id or f'${declared.account_variable}, which is not set'}"


def _say_what_is_next(screen: Screen, declared: Environment) -> None:
    variables = dict.fromkeys(f"${client.variable}" for client in declared.clients.values())
    if variables:
        screen.line()
        names = ", ".join(variables)
        screen.line(f"The files are in out/{declared.name}/. They hold no secret: clients take the token from {names}.")
    commands = [(f"install {declared.name} {client}", f"use it in {client}") for client in list(declared.clients)[:1]]
    commands += [
        (f"verify {declared.name}", "does every model and route answer?"),
        (f"show {declared.name}", "what is there"),
    ]
    rows = [(f".venv/bin/gatewright {command}", what) for command, what in commands]
    if declared.local:
        rows += [
            ('eval "$(.venv/bin/gatewright engine env)"', "plain pulumi on this stack"),
            ("make up ENV=prod", "the same on your own account"),
        ]
    screen.line()
    for word, (command, what) in zip(["Next:", *[""] * len(rows)], rows, strict=False):
        screen.line(f"{word:<7}{command:<45}{what}")
