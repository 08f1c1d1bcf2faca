"""drift: what was changed outside, whom it concerns, and the command that mends it."""

from __future__ import annotations

import time

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option(
    "--ignore", "once", multiple=True, metavar="WHAT", help="Leave it out this once, as an `ignore:` rule; repeatable."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def drift(environments: tuple[str, ...], every: bool, once: tuple[str, ...], form: str) -> int:
    """Find what was changed outside: at Cloudflare, and in the emitted files.

    Also tokens about to expire, and what bears the marks of an environment and is in no stack. Nothing is changed. Exit
    2 when something has drifted.
    """
    from gatewright.cli import drifted
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.drift.drift import drift as look
    from gatewright.operations.drift.ignored import require_known
    from gatewright.operations.environments import files_of, select

    project, started = Project.find(), time.monotonic()
    if not environments and not every:
        raise UsageError("name the environments, or --all", f"There: {', '.join(files_of(project).names()) or 'none'}")
    loaded = select(project, environments, every=every)
    require_known(once, loaded)
    with Accounts(project) as accounts:
        found = [look(project, each, accounts, once) for each in loaded]
    seconds = time.monotonic() - started
    if form == "json":
        click.echo(drifted.json_text(found, accounts.calls, seconds))
    else:
        for line in drifted.text_lines(found, max(len(each.environment) for each in found)):
            click.echo(line)
        click.echo(f"\n{drifted.summary(found, accounts.calls, seconds)}")
    return ExitCode.CHANGES if any(each.drifted for each in found) else ExitCode.DONE
