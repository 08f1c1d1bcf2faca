"""environments: which there are, and which a change touches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.affected import Touched

_SHOWN = 3


@click.command()
@click.option("--since", metavar="REF", help="Only those that the changes since this branch or commit touch.")
@click.option("--with-account", is_flag=True, help="Without those on the Cloudflare of this machine.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="github: lines for $GITHUB_OUTPUT, `environments` and `gone` as JSON lists.",
)
def environments(since: str | None, with_account: bool, form: str) -> None:
    """List the environments, or those that a change touches.

    A change of the tool itself (its code, its schemas, its pinned packages) touches all. What was an environment and
    is not any more is listed as gone: its stack is still there.
    """
    from gatewright.operations.affected import all_environments, touched

    project = Project.find()
    found = (
        touched(project, since, with_account=with_account)
        if since
        else all_environments(project, with_account=with_account)
    )
    if form == "json":
        click.echo(json.dumps({"environments": found.environments, "gone": found.gone}, indent=2))
    elif form == "github":
        click.echo(f"environments={json.dumps(list(found.environments))}")
        click.echo(f"gone={json.dumps(found.gone)}")
    else:
        click.echo("\n".join(_lines(found)) or "none")


def _lines(found: Touched) -> Iterator[str]:
    for name, because in found.environments.items():
        more = f" and {len(because) - _SHOWN} more" if len(because) > _SHOWN else ""
        yield f"{name:<16}{', '.join(because[:_SHOWN])}{more}".rstrip()
    for name in found.gone:
        yield f"{name:<16}is gone, and its stack is not: put its file back, then gatewright retire {name}"
