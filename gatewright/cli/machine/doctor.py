"""`gatewright doctor`: whether all that is needed is there, and the line that mends what is not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gatewright.command_line import command
from gatewright.errors import ExitCode, LocalCloudflareError, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.engine.doctor import Finding
    from gatewright.environment.load import Loaded


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found; `refused`: Cloudflare refuses the client's token."""

    findings: Sequence[Finding]
    refused: bool = False

    @property
    def faults(self) -> int:
        """How many things that are needed are missing."""
        return sum(finding.is_fault for finding in self.findings)


@click.command()
@click.argument("words", metavar="[ENV]... [CLIENT]", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(words: tuple[str, ...], every: bool, style: str) -> int:
    """Say what is missing, and the line that mends it.

    Of this checkout; with ENV, what stands between it and its account; with CLIENT, whether that program is ready on
    this machine: its version, its file, its variables where it runs, and an answer of the gateway. Exit code 1 when
    something needed is missing, 4 when Cloudflare refuses the client's token.
    """
    from gatewright.cli.batch import as_json, over, sections, summary
    from gatewright.operations.batch import Outcome, exit_code

    project = Project.find()
    if words or every:
        loaded, client = _told_apart(project, words, every=every)
        up_many = len(loaded) > 1
        outcomes = over(
            [*loaded],
            lambda name: _examined(project, loaded[name], client, one_of_several=up_many),
            "examining" if up_many else None,
        )
    else:
        outcomes = [Outcome("this checkout", _of_the_checkout(project))]
    if style == "text":
        sections(outcomes, _show)
        summary(outcomes, _said)
    elif len(outcomes) > 1:
        click.echo(as_json(outcomes, lambda examined: {"findings": _rows(examined)}))
    else:
        click.echo(json.dumps(_rows(*(each.value for each in outcomes if each.value)), indent=2))
    return exit_code(outcomes, _exit_code)


def _told_apart(project: Project, words: tuple[str, ...], *, every: bool) -> tuple[dict[str, Loaded], str | None]:
    """Environments, and the client: the last word after one, or after --all, unless it is an environment too."""
    from gatewright.cli.batch import chosen
    from gatewright.workspace import files_of

    *first, last = words or ("",)
    has_client = bool(last) and (every or bool(first)) and last not in files_of(project).names()
    names = first if has_client else words
    return {each.name: each for each in chosen(project, names, every=every)}, last if has_client else None


def _examined(project: Project, loaded: Loaded, client: str | None, *, one_of_several: bool) -> Examined:
    from gatewright.engine.doctor import Finding
    from gatewright.engine.find import require_engine
    from gatewright.install import Machine
    from gatewright.workspace import require

    declared = require(loaded)
    if client:
        from gatewright.operations.client_doctor import examine as examine_client

        examined = examine_client(project, declared, client, Machine.here())
        return Examined(examined.findings, examined.refused)
    if declared.local is None:
        from gatewright.operations.stack.preflight import examine_account

        return Examined(examine_account(project, declared, require_engine(project)))
    none_needed = f"{loaded.name} has the Cloudflare on this machine, and needs no account"
    if not one_of_several:
        raise UsageError(none_needed, "gatewright doctor")
    return Examined([Finding("account", none_needed)])


def _of_the_checkout(project: Project) -> Examined:
    from gatewright.engine.doctor import examine

    return Examined(list(examine(project, _local_cloudflare(project))))


def _local_cloudflare(project: Project) -> Finding:
    from gatewright.engine.doctor import Finding
    from gatewright.local import daemon

    name = "local Cloudflare"
    try:
        running = daemon.status(project)
    except LocalCloudflareError as error:
        return Finding(name, error.message, error.hint or command("local reset"), needed=False)
    if running is None:
        return Finding(name, "not running", command("local start"), needed=False)
    return Finding(name, f"{running.data_plane}, process {running.pid}")


def _exit_code(examined: Examined) -> int:
    if examined.refused:
        return ExitCode.REFUSED
    return ExitCode.FAILED if examined.faults else ExitCode.DONE


def _said(examined: Examined) -> str:
    return f"{examined.faults} to be mended" if examined.faults else "ready"


def _rows(examined: Examined) -> list[dict[str, Any]]:
    return [
        {
            "name": finding.name,
            "found": finding.detail,
            "mend": finding.fix,
            "needed": finding.needed,
            "fault": finding.is_fault,
        }
        for finding in examined.findings
    ]


def _show(examined: Examined) -> None:
    from rich.text import Text

    from gatewright.cli.screen import Screen

    screen = Screen()
    for finding in examined.findings:
        mark = ("✗", "red") if finding.is_fault else ("·", "") if finding.fix else ("✓", "green")
        screen.console.print(Text.assemble(mark, f" {finding.name:<20} {finding.detail}"))
        if finding.fix:
            screen.line(f"{'':<22} → {finding.fix}")
