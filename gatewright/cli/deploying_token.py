"""permissions, bootstrap: the token that deploys an environment."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.permissions import DeployingToken


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments; the same as naming none.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def permissions(environments: tuple[str, ...], every: bool, form: str) -> None:
    """Say what the deploying token may have to do, why, and where to make it.

    From the YAML alone: nobody is asked.
    """
    from gatewright.operations.environments import require, select
    from gatewright.operations.permissions import deploying_token

    found = [deploying_token(require(loaded)) for loaded in select(Project.find(), environments, every=every)]
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
        return
    click.echo("\n\n".join("\n".join(_lines(each)) for each in found))


def _lines(token: DeployingToken) -> Iterator[str]:
    account = token.account or f"${token.account_variable}, which is not set"
    yield f"{token.environment}: the deploying token {token.name} · account {account}"
    yield ""
    rows = [("permission", "in the dashboard", "on", "because of")]
    rows += [(each.permission, each.dashboard, each.scope, ", ".join(each.reasons)) for each in token.permissions]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  " + "   ".join(f"{cell:<{width}}" for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()
    yield ""
    yield f"Make it:   gatewright bootstrap {token.environment:<12}  from a stronger token, typed in once"
    if token.page:
        yield f"By hand:   {token.page}"
        yield f"           {ACCOUNT_TOKENS}"
        yield "Then:      export CLOUDFLARE_API_TOKEN=…"
        yield f"Check it:  gatewright doctor {token.environment}"
