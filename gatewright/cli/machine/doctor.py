"""doctor: find what is missing, and the command that fixes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.parameters import all_option, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode, LocalCloudflareError, UsageError
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.engine.doctor import Examination, Finding
    from gatewright.environment.load import Loaded


@click.command()
@click.argument("words", metavar="[ENV]... [CLIENT]", nargs=-1)
@all_option
@json_option
def doctor(words: tuple[str, ...], every: bool, form: str) -> int:
    """Find what is missing, and the command that fixes it.

    Without ENV: check this checkout and this machine. With ENV: check what a deployment of it needs. With CLIENT: check
    that program on this machine: its version, its files, its variables, settings of yours that win, and an answer.

    Exits with 1 if something is missing, with 4 if Cloudflare refuses the client's token.
    """
    from gatewright.cli.batch import environments_json, print_sections, print_summary, run_each
    from gatewright.engine.doctor import examine_checkout
    from gatewright.operations.batch import Outcome, exit_code

    project = Project.find()
    if words or every:
        loaded, client = _split_words(project, words, every=every)
        outcomes = run_each(
            [*loaded],
            lambda name: _examine(project, loaded[name], client, is_only_one=len(loaded) == 1),
            "examining" if len(loaded) > 1 else None,
        )
    else:
        outcomes = [Outcome("this checkout", examine_checkout(project, _local_cloudflare(project)))]
    if form == "text":
        print_sections(outcomes, _show)
        print_summary(outcomes, _describe)
    elif len(outcomes) > 1:
        click.echo(environments_json(outcomes, lambda examination: {"findings": _rows(examination)}))
    else:
        click.echo(json.dumps(_rows(*(outcome.value for outcome in outcomes if outcome.value)), indent=2))
    return exit_code(outcomes, _exit_code)


def _split_words(project: Project, words: tuple[str, ...], *, every: bool) -> tuple[dict[str, Loaded], str | None]:
    """The environments, and the client: the last word, unless it is the first one or an environment's name."""
    from gatewright.cli.batch import select_environments
    from gatewright.workspace import files_of

    *first, last = words or ("",)
    has_client = bool(last) and (every or bool(first)) and last not in files_of(project).names()
    names = first if has_client else words
    return select_environments(project, names, every=every), last if has_client else None


def _examine(project: Project, loaded: Loaded, client: str | None, *, is_only_one: bool) -> Examination:
    from gatewright.engine.doctor import Examination, Finding
    from gatewright.engine.find import require_engine
    from gatewright.install import Machine
    from gatewright.workspace import require

    declared = require(loaded)
    if client:
        from gatewright.operations.client_doctor import examine as examine_client

        return examine_client(project, declared, client, Machine.here())
    if declared.local is None:
        from gatewright.operations.stack.preflight import examine_account

        return examine_account(project, declared, require_engine(project))
    local = f"{loaded.name} uses the local Cloudflare and needs no account"
    if is_only_one:
        raise UsageError(local, command("doctor"))
    return Examination((Finding("account", local),))


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


def _exit_code(examination: Examination) -> int:
    if examination.refused:
        return ExitCode.REFUSED
    return ExitCode.FAILED if examination.faults else ExitCode.DONE


def _describe(examination: Examination) -> str:
    return plural(examination.faults, "fault") if examination.faults else "ready"


def _rows(examination: Examination) -> list[dict[str, Any]]:
    return [
        {
            "name": finding.name,
            "found": finding.detail,
            "mend": finding.fix,
            "needed": finding.needed,
            "fault": finding.is_fault,
        }
        for finding in examination.findings
    ]


def _show(examination: Examination) -> None:
    from rich.text import Text

    from gatewright.cli.screen import Screen

    screen = Screen()
    for finding in examination.findings:
        mark = ("✗", "red") if finding.is_fault else ("·", "") if finding.fix else ("✓", "green")
        screen.console.print(Text.assemble(mark, f" {finding.name:<20} {finding.detail}"))
        if finding.fix:
            screen.line(f"{'':<22} → {finding.fix}")
