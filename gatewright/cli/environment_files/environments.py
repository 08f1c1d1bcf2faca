"""environments: list environments, or those that a change affects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.command_line import command
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.affected import Affected

_MAX_FILES = 3  # in one line


@click.command()
@click.option("--since", metavar="REF", help="Only environments affected by changes since this branch or commit.")
@click.option("--with-account", is_flag=True, help="Exclude environments on the local Cloudflare.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="Output format; github: lines for $GITHUB_OUTPUT, `environments` and `gone` as JSON lists.",
)
def environments(since: str | None, with_account: bool, form: str) -> None:
    """List environments, or those that a change affects.

    A change of gatewright itself (code, schemas, pinned packages) affects all of them. Environments whose files were
    removed are listed as gone: their stacks still exist.
    """
    from gatewright.operations.affected import affected_environments, all_environments

    project = Project.find()
    if since:
        affected = affected_environments(project, since, with_account=with_account)
    else:
        affected = all_environments(project, with_account=with_account)
    if form == "json":
        click.echo(json.dumps({"environments": affected.environments, "gone": affected.removed}, indent=2))
    elif form == "github":
        click.echo(f"environments={json.dumps(list(affected.environments))}")
        click.echo(f"gone={json.dumps(affected.removed)}")
    else:
        click.echo("\n".join(_lines(affected)) or "none")


def _lines(affected: Affected) -> Iterator[str]:
    for name, causes in affected.environments.items():
        more = f" and {len(causes) - _MAX_FILES} more" if len(causes) > _MAX_FILES else ""
        yield f"{name:<16}{', '.join(causes[:_MAX_FILES])}{more}".rstrip()
    for name in affected.removed:
        fix = f"To remove the stack, restore the file, then: {command(f'retire {name}')}"
        yield f"{name:<16}the file is gone, but the stack exists. {fix}"
