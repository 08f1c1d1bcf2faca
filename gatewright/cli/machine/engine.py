"""engine: the Pulumi engine, and a shell to use it in."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option, optional_environment
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.engine.find import Engine


@click.group()
def engine() -> None:
    """Install the Pulumi engine, or set a shell up for it.

    The engine is found on PATH, downloaded, or built from its Go modules.
    """


@engine.command()
@json_option
def install(form: str) -> None:
    """Install the engine if there is none, and its plugins."""
    from gatewright.cli.screen import Screen
    from gatewright.engine.ensure import ensure_engine

    engine = ensure_engine(Project.find(), Screen(sys.stderr if form == "json" else None).show)
    if form == "json":
        print_json(_engine_json(engine))


@engine.command()
@json_option
def status(form: str) -> None:
    """Show which engine is used, and its origin."""
    from gatewright.engine.ensure import describe_engine
    from gatewright.engine.find import require_engine

    found = require_engine(Project.find())
    if form == "json":
        print_json(_engine_json(found))
    else:
        click.echo(f"{describe_engine(found)}, {found.path}")


def _engine_json(engine: Engine) -> dict[str, object]:
    from gatewright.engine.versions import format_version

    return {"version": format_version(engine.version), "origin": engine.origin, "path": str(engine.path)}


@engine.command()
@optional_environment
@json_option
def env(environment: str | None, form: str) -> None:
    """Print shell commands that set up plain pulumi.

    Use it as: eval "$(gatewright engine env)". ENV selects the stack, with your own backend and passphrase. It defaults
    to the local stack. As JSON: the variables, null for one to unset.
    """
    from gatewright.engine.find import require_engine
    from gatewright.engine.variables import local_variables, real_variables, shell_lines
    from gatewright.environment.references import DEPLOYING_TOKEN
    from gatewright.workspace import open_one

    project = Project.find()
    engine = require_engine(project)
    declared = open_one(project, environment) if environment else None
    if declared is None or declared.local:
        stack = {"PULUMI_STACK": environment} if environment else {}
        variables = local_variables(project, engine, os.environ) | stack
    else:
        variables = real_variables(project, engine, declared.name, os.environ)
    if form == "json":
        print_json(variables)
        return
    for line in shell_lines(variables):
        click.echo(line)
    if declared and not declared.local and declared.deploy_variable != DEPLOYING_TOKEN:
        click.echo(f'export {DEPLOYING_TOKEN}="${declared.deploy_variable}"')
