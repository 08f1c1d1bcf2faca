"""permissions: list the permissions that the deploying token needs."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gatewright.cli.columns import aligned, row_paragraph
from gatewright.cli.echo import terminal_width
from gatewright.cli.parameters import environments_argument, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode, UsageError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.io.printable import plural
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.tokens.permissions import DeployingToken


@click.command()
@environments_argument
@click.option("--all", "every", is_flag=True, help="All environments, which is the default.")
@click.option("--for", "only", metavar="COMMAND", help="Those of a token that runs this command only, such as drift.")
@json_option
def permissions(environments: tuple[str, ...], every: bool, only: str | None, form: str) -> int:
    """List the permissions that the deploying token needs.

    Each has the reasons why it is needed. Only the environment files are read, no call is made.
    """
    from gatewright.cli.batch import print_sections, print_summary, run_each
    from gatewright.cloudflare.needed_permissions import COMMANDS
    from gatewright.operations.batch import exit_code
    from gatewright.operations.tokens.permissions import needed_deploying_token
    from gatewright.workspace import require, select

    if only is not None and only not in COMMANDS:
        raise UsageError(
            f"--for: {only} does not call Cloudflare with the deploying token",
            f"Commands that do: {', '.join(COMMANDS)}",
        )
    loaded = {each.name: each for each in select(Project.find(), environments, every=every)}
    outcomes = run_each([*loaded], lambda name: needed_deploying_token(require(loaded[name]), only))
    if form == "json":
        click.echo(json.dumps([asdict(outcome.value) for outcome in outcomes if outcome.value], indent=2))
    else:
        print_sections(outcomes, lambda token: click.echo("\n".join(_lines(token, only))), named=False)
        print_summary(outcomes, lambda token: plural(len(token.permissions), "permission"))
    return exit_code(outcomes, lambda _: ExitCode.DONE)


def _lines(token: DeployingToken, only: str | None) -> Iterator[str]:
    account = token.account or f"${token.account_variable}, which is not set"
    purpose = f"a token for {only} only" if only else f"deploying token {token.name}"
    yield f"{token.environment}: {purpose} · account {account}"
    yield ""
    rows = [("permission", "in the dashboard", "on", "why")]
    rows += [(each.permission, each.dashboard, each.scope, ", ".join(each.reasons)) for each in token.permissions]
    columns = [f"  {line}" for line in aligned(rows)]
    width = terminal_width(sys.stdout)
    if width is None or max(map(len, columns)) <= width:
        yield from columns
    else:
        for row in rows[1:]:
            yield from row_paragraph(rows[0], row, width)
    yield ""
    if not only:
        yield f"Create it: {command(f'bootstrap {token.environment}')}  with a stronger token, which you type in"
    if token.page:
        yield f"By hand:   {token.page}"
        yield f"           {ACCOUNT_TOKENS}"
        yield f"Then:      export {token.variable}=…"
        if not only:
            yield f"Check it:  {command(f'doctor {token.environment}')}"
