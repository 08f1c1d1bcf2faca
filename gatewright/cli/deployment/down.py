"""down: remove an environment."""

from __future__ import annotations

import sys

import click

from gatewright.cli.echo import print_json
from gatewright.cli.parameters import json_option, local_by_default
from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command()
@local_by_default
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a real account is changed.")
@json_option
def down(environment: str, yes: bool, form: str) -> int:
    """Destroy the resources of an environment.

    ENV defaults to local. After a local environment, down also stops the local
    Cloudflare, unless another environment uses it. A protected environment is
    refused.
    """
    from gatewright.cli.local_cloudflare import start_local, stop_unused
    from gatewright.cli.screen import Screen
    from gatewright.engine.ensure import ensure_engine
    from gatewright.operations.down import down as destroy
    from gatewright.operations.safeguards import require_unprotected
    from gatewright.operations.stack.open_stack import open_stack
    from gatewright.workspace import open_one

    project = Project.find()
    declared = open_one(project, environment)
    require_unprotected(declared)  # before an engine is installed
    output = sys.stderr if form == "json" else None
    screen = Screen(output)
    pulumi = open_stack(project, declared, ensure_engine(project, screen.show))
    code = destroy(declared, pulumi, lambda: start_local(project, declared), screen.show, yes=yes, output=output)
    if declared.local:
        with screen.step("local Cloudflare stopped") as step:
            step.retitle(stop_unused(project))
    if form == "json":
        print_json({"environment": environment, "removed": code == ExitCode.DONE})
    return code
