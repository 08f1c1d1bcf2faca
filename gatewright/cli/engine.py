"""`gatewright engine` and `gatewright doctor`: the engine, and whether all that is needed is there."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.local.engine.doctor import Finding


@click.group()
def engine() -> None:
    """Get Pulumi's engine, or a shell to use it in.

    It is found on PATH, downloaded, or built from its Go modules.
    """


@engine.command()
def install() -> None:
    """Get the engine where there is none, and what stands beside it."""
    from gatewright.local.engine.ensure import ensure
    from gatewright.screen import Screen

    ensure(Project.find(), Screen())


@engine.command()
def status() -> None:
    """Which engine is used, and where it is from."""
    from gatewright.local.engine.ensure import described
    from gatewright.local.engine.find import require

    found = require(Project.find())
    click.echo(f"{described(found)}, {found.path}")


@engine.command()
def env() -> None:
    """Lines for a shell in which plain pulumi works on the local stack: eval "$(gatewright engine env)"."""
    from gatewright.local.engine.find import require
    from gatewright.local.engine.variables import local_variables, shell_lines

    project = Project.find()
    for line in shell_lines(local_variables(project, require(project), os.environ)):
        click.echo(line)


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(environment: str | None, style: str) -> None:
    """Say what is missing, and the line that mends it.

    Of this checkout; with ENV, what stands between it and its account. Exit code 1 when something needed is missing.
    """
    findings = _of_an_account(environment) if environment else _of_the_checkout()
    if style == "json":
        click.echo(json.dumps([{**asdict(finding), "fault": finding.is_fault} for finding in findings], indent=2))
    else:
        _show(findings)
    if any(finding.is_fault for finding in findings):
        raise SystemExit(ExitCode.FAILED)


def _of_the_checkout() -> list[Finding]:
    from gatewright.local.engine.doctor import examine

    return list(examine(Project.find()))


def _of_an_account(environment: str) -> list[Finding]:
    from gatewright.local.engine.find import require
    from gatewright.operations.environments import open_one
    from gatewright.operations.real_account import examine

    project = Project.find()
    declared = open_one(project, environment)
    if declared.local:
        raise UsageError(f"{environment} has the Cloudflare on this machine, and needs no account", "gatewright doctor")
    return examine(project, declared, require(project))


def _show(findings: list[Finding]) -> None:
    from rich.text import Text

    from gatewright.screen import Screen

    screen = Screen()
    for finding in findings:
        mark = ("✗", "red") if finding.is_fault else ("·", "") if finding.mend else ("✓", "green")
        screen.console.print(Text.assemble(mark, f" {finding.name:<20} {finding.found}"))
        if finding.mend:
            screen.line(f"{'':<22} → {finding.mend}")
