"""up: deploy environments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.cli.parameters import all_option, environments_argument, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.cli.screen import Screen
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.up import UpOptions


@click.command()
@environments_argument
@all_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
@click.option(
    "--plan",
    "plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Apply the plan that `preview --save` wrote. If the changes are not the same any more, apply nothing: exit 2.",
)
@click.option(
    "--only-due", is_flag=True, help="Apply only due rotations and expiries. If there are other changes: exit 2."
)
@click.option("--refresh", is_flag=True, help="Read the resources from Cloudflare first, and undo changes made there.")
@json_option
def up(
    environments: tuple[str, ...],
    every: bool,
    yes: bool,
    plan: Path | None,
    only_due: bool,
    refresh: bool,
    form: str,
) -> int:
    """Deploy environments: gateway, routes, tokens, files.

    ENV defaults to local. Before a real account is changed, up shows the preview and asks. Several environments are
    previewed together, and deployed side by side. As JSON, the applied plans are printed in the form of `preview`.
    """
    from gatewright.cli.batch import select_environments
    from gatewright.cli.deployment.up_many import up_many
    from gatewright.operations.plan.saved_plan import read_saved_plan
    from gatewright.operations.up import UpOptions

    if plan and refresh:
        message = "--plan and --refresh exclude each other: a saved plan was made without reading from Cloudflare"
        raise UsageError(message, f"{command('up ENV --refresh')} shows what it would undo, and asks")
    project = Project.find()
    names = environments or (() if every else ("local",))
    loaded = select_environments(project, names, every=every, with_policies=True)
    if len(loaded) > 1:
        if plan:
            raise UsageError("--plan accepts one environment only", command("up ENV --plan FILE"))
        return up_many(project, loaded, UpOptions(None, only_due, refresh), yes=yes, form=form)
    ((name, one),) = loaded.items()
    options = UpOptions(read_saved_plan(plan) if plan else None, only_due, refresh)
    return _up_one(project, name, one, options, yes=yes, form=form)


class _DeclinedError(Exception):
    """The answer was no."""


def _up_one(project: Project, name: str, loaded: Loaded, options: UpOptions, *, yes: bool, form: str) -> int:
    from gatewright.cli.confirm import agreed_to_apply, require_terminal
    from gatewright.cli.deployment.deploy import deploy
    from gatewright.cli.reports.preview import print_applied
    from gatewright.cli.screen import Screen
    from gatewright.operations.batch import Outcome
    from gatewright.workspace import require

    def confirm() -> None:
        if not yes:
            require_terminal([name], f"up {name} --yes")
            if not agreed_to_apply([name]):
                raise _DeclinedError

    screen = Screen(sys.stderr if form == "json" else None)
    try:
        applied = deploy(project, loaded, options, screen, confirm)
    except _DeclinedError:
        screen.line("Nothing was changed.")
        return ExitCode.FAILED
    if form == "json":
        print_applied([Outcome(name, applied)])
        return ExitCode.DONE
    _show_next_steps(screen, project, require(loaded))
    return ExitCode.DONE


def _show_next_steps(screen: Screen, project: Project, declared: Environment) -> None:
    from gatewright.cli.echo import next_steps
    from gatewright.engine.variables import shell_setup

    variables = dict.fromkeys(f"${client.variable}" for client in declared.clients.values() if client.token)
    if variables:
        screen.line()
        names = ", ".join(variables)
        screen.line(f"The files are in out/{declared.name}/. They hold no secret: clients take the token from {names}.")
    steps = [
        (command(f"verify {declared.name}"), "does every model and route answer?"),
        (command(f"show {declared.name}"), "what the environment has"),
    ]
    steps += [
        (command(f"install {declared.name} {client} --dry-run"), f"what it would change in your {client}")
        for client in [*declared.clients][:1]
    ]
    if declared.local:
        steps += [
            (shell_setup(declared.name), "plain pulumi on this stack"),
            ("make up ENV=prod", "the same on your own account")
            if project.is_checkout
            else (command("new prod"), "an environment on your own account"),
        ]
    screen.line()
    for line in next_steps(steps):
        screen.line(line)
