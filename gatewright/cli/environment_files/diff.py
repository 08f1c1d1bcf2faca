"""diff: the settings of two environments that differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gatewright.cli.columns import aligned
from gatewright.cli.echo import say_folded
from gatewright.cli.parameters import complete_environments, json_option
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.operations.explain import Explanation


@click.command()
@click.argument("left", metavar="ENV", shell_complete=complete_environments)
@click.argument("right", metavar="ENV", shell_complete=complete_environments)
@click.argument("path", default="")
@json_option
def diff(left: str, right: str, path: str, form: str) -> None:
    """Show the settings of two environments that differ.

    PATH limits it to a setting and those below, for example gateway or routes.fast. A setting that a file lacks is
    compared by its default. Exits with 2 if any setting differs.
    """
    from gatewright.operations.compare import compare
    from gatewright.workspace import select

    project = Project.find()
    (one,), (other,) = select(project, [left]), select(project, [right])
    differences = compare(one, other, path)
    if form == "json":
        rows = [
            {"path": each.path, "values": [_value(left, each.left), _value(right, each.right)]} for each in differences
        ]
        click.echo(json.dumps(rows, indent=2))
    elif differences:
        for each in differences:
            say_folded(each.path)
            say_folded("\n".join(aligned([_row(left, each.left), _row(right, each.right)])))
    else:
        click.echo(f"{path or 'All settings'} of {left} and {right}: no differences")
    if differences:
        raise click.exceptions.Exit(ExitCode.CHANGES)


def _row(environment: str, value: Explanation | None) -> tuple[str, str, str]:
    if value is None:
        return f"  {environment}", "not declared", ""
    return f"  {environment}", value.value, str(value.location or "default")


def _value(environment: str, value: Explanation | None) -> dict[str, str | None]:
    location = str(value.location) if value and value.location else None
    return {"environment": environment, "value": value.value if value else None, "location": location}
