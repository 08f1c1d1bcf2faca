"""drift: what was changed outside, in whose hands it is, and the command that mends it."""

from __future__ import annotations

import click

from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
def drift(environments: tuple[str, ...], every: bool) -> int:
    """Find what was changed outside: at Cloudflare, and in the emitted files.

    Nothing is changed. Exit 2 when something has drifted.
    """
    from gatewright.operations.drift.drift import drift as look
    from gatewright.operations.environments import select

    project = Project.find()
    found = [look(project, each) for each in select(project, environments, every=every)]
    for result in found:
        click.echo(f"{result.environment}  {len(result.drifted)} drifted" if result.drifted else result.environment)
        for each in result.findings:
            click.echo(
                f"  {each.kind} {each.name}  {each.words}  {each.since or ''}  {each.mend}  {each.place} {each.who}"
            )
    return ExitCode.CHANGES if any(each.drifted for each in found) else ExitCode.DONE
