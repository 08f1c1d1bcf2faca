"""explain: where a value comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gatewright.cli.columns import aligned
from gatewright.cli.echo import print_json, say_folded
from gatewright.cli.parameters import environment_argument, json_option
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.explain import Explanation


@click.command()
@environment_argument
@click.argument("path")
@json_option
def explain(environment: str, path: str, form: str) -> None:
    """Show where a value comes from, and what is sent.

    Also shows the values that it replaces. PATH is written like gateway.cache.ttl or routes.fast[0].
    """
    from gatewright.operations.explain import explain as explain_path
    from gatewright.workspace import select

    (loaded,) = select(Project.find(), [environment])
    explanation = explain_path(loaded, path)
    if form == "json":
        print_json(asdict(explanation))
    else:
        _show(explanation)


def _show(explanation: Explanation) -> None:
    rows = [(f"{explanation.path} = {explanation.value}", str(explanation.location or "default"), "")]
    for replaced in explanation.replaced:
        value = f"{replaced.name}: {replaced.value}" if replaced.contains_setting else replaced.value
        remark = f"({replaced.name} is replaced as a whole)" if replaced.contains_setting else ""
        rows.append((f"  instead of {value}", str(replaced.location), remark))
    say_folded("\n".join(aligned(rows)))
    for name, value in explanation.sent.items():
        say_folded(f"sent to Cloudflare as {name}: {value}")
    for text in explanation.policies:
        say_folded(f"gateway policies, {text}")
    if explanation.description:
        say_folded(f"\n{explanation.description}")
