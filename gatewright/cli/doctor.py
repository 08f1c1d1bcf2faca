"""`gatewright doctor`: whether all that is needed is there, and the line that mends what is not."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.local.engine.doctor import Finding


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@click.argument("client", metavar="[CLIENT]", required=False)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(environment: str | None, client: str | None, style: str) -> None:
    """Say what is missing, and the line that mends it.

    Of this checkout; with ENV, what stands between it and its account; with CLIENT, whether that program is ready on
    this machine: its version, its file, its variables where it runs, and an answer of the gateway. Exit code 1 when
    something needed is missing, 4 when Cloudflare refuses the client's token.
    """
    refused = False
    if environment and client:
        findings, refused = _of_a_client(environment, client)
    else:
        findings = _of_an_account(environment) if environment else _of_the_checkout()
    if style == "json":
        click.echo(json.dumps([{**asdict(finding), "fault": finding.is_fault} for finding in findings], indent=2))
    else:
        _show(findings)
    if refused:
        raise SystemExit(ExitCode.REFUSED)
    if any(finding.is_fault for finding in findings):
        raise SystemExit(ExitCode.FAILED)


def _of_a_client(environment: str, client: str) -> tuple[Sequence[Finding], bool]:
    from gatewright.install import Machine
    from gatewright.operations.client_doctor import examine
    from gatewright.operations.environments import open_one

    project = Project.find()
    examined = examine(project, open_one(project, environment), client, Machine.here())
    return examined.findings, examined.refused


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


def _show(findings: Sequence[Finding]) -> None:
    from rich.text import Text

    from gatewright.screen import Screen

    screen = Screen()
    for finding in findings:
        mark = ("✗", "red") if finding.is_fault else ("·", "") if finding.mend else ("✓", "green")
        screen.console.print(Text.assemble(mark, f" {finding.name:<20} {finding.found}"))
        if finding.mend:
            screen.line(f"{'':<22} → {finding.mend}")
