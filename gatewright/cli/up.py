"""up, down: the engine's work, with everything that it needs got first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.screen import Screen


@click.command()
@click.argument("environment", metavar="[ENV]", default="local")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
@click.option(
    "--plan",
    "plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Do what `preview --save` has saved there, or, if it would be anything else by now, nothing: exit code 2.",
)
@click.option("--only-due", is_flag=True, help="Only what the calendar brings; where anything else waits, exit code 2.")
def up(environment: str, yes: bool, plan: Path | None, only_due: bool) -> int:
    """Make an environment so: gateway, routes, tokens, files.

    ENV is local unless named. Before a real account is changed, the preview is shown and you are asked.
    """
    from gatewright.operations.environments import require, select
    from gatewright.operations.import_file import import_file
    from gatewright.operations.saved_plan import read_saved
    from gatewright.operations.up import up as run
    from gatewright.screen import Screen

    project = Project.find()
    (loaded,) = select(project, [environment])
    declared = require(loaded)
    screen = Screen()
    screen.heading(f"gatewright · stack {environment} · {_where(declared)}")
    planned = read_saved(plan) if plan else None
    if not run(project, loaded, screen, lambda: yes or _agreed(environment), planned, only_due=only_due):
        screen.line("Nothing was changed.")
        return ExitCode.FAILED
    if (imports := import_file(project, environment)).exists():
        screen.line(f"{project.shown(imports)} has done its work: it may be deleted")
    _say_what_is_next(screen, declared)
    return ExitCode.DONE


def _agreed(environment: str) -> bool:
    if not sys.stdin.isatty():
        message = f"a real account is changed only when you say so, and there is no terminal to ask: {environment}"
        raise UsageError(message, f"gatewright up {environment} --yes")
    return click.confirm("Make it so?")


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
    rows = [(f".venv/bin/gatewright show {declared.name}", "what is there")]
    if declared.local:
        rows += [
            (".venv/bin/gatewright local log", "what was asked of it"),
            ('eval "$(.venv/bin/gatewright engine env)"', "plain pulumi on this stack"),
            ("make up ENV=prod", "the same on your own account"),
        ]
    screen.line()
    for word, (command, what) in zip(["Next:", *[""] * len(rows)], rows, strict=False):
        screen.line(f"{word:<7}{command:<45}{what}")


@click.command()
@click.argument("environment", metavar="[ENV]", default="local")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
def down(environment: str, yes: bool) -> int:
    """Take an environment away.

    For local also stop the Cloudflare on this machine. A protected environment is refused.
    """
    from gatewright.operations.environments import open_one
    from gatewright.operations.up import down as run
    from gatewright.screen import Screen

    project = Project.find()
    return run(project, open_one(project, environment), Screen(), yes=yes)
