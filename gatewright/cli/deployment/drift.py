"""drift: what was changed outside, whom it concerns, and the command that mends it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.drift.model import Drift


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option(
    "--ignore", "once", multiple=True, metavar="WHAT", help="Ignore it this once, as an `ignore:` rule; repeatable."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How it is printed."
)
@click.option(
    "--limit", type=click.IntRange(1_000), metavar="N", help="Of Markdown: no more characters; GitHub takes 65,536."
)
def drift(environments: tuple[str, ...], every: bool, once: tuple[str, ...], form: str, limit: int | None) -> int:
    """Find what was changed outside: at Cloudflare, and in the emitted files.

    Also tokens about to end, and what bears the marks of an environment and is in no stack. Nothing is changed. Exit 2
    when something has drifted.
    """
    from gatewright.cli.batch import chosen, over
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.operations.batch import exit_code
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.drift.drift import drift as look
    from gatewright.operations.drift.ignore_rules import require_known

    project, started = Project.find(), time.monotonic()
    loaded = {each.name: each for each in chosen(project, environments, every=every)}
    require_known(once, [*loaded.values()])
    with Accounts(project) as accounts:

        def compare(name: str) -> Drift:
            start_local(project, loaded[name].environment)
            return look(project, loaded[name], accounts, once)

        outcomes = over([*loaded], compare, "looking at")
    _print(outcomes, accounts.calls, time.monotonic() - started, form, limit)
    return exit_code(outcomes, lambda found: ExitCode.CHANGES if found.drifted else ExitCode.DONE)


def _print(outcomes: Sequence[Outcome[Drift]], calls: int, seconds: float, form: str, limit: int | None) -> None:
    found = [each.value for each in outcomes if each.value]
    if form == "json":
        from gatewright.cli.batch import entries
        from gatewright.operations.drift.document import document, drift_json

        whole = document(entries(outcomes, drift_json), calls, seconds)
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    if form == "markdown":
        from gatewright.cli.reports.drift_markdown import rendered
        from gatewright.cli.reports.markdown import LIMIT

        click.echo(rendered(outcomes, calls, seconds, limit or LIMIT), nl=False)
        return
    from gatewright.cli.reports.drift import show, summary
    from gatewright.cli.screen import Screen

    screen = Screen()
    width = max(len(each.name) for each in outcomes)
    for each in found:
        show(each, screen.console, width)
    screen.line()
    screen.line(summary(outcomes, calls, seconds))
