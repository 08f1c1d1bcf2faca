"""show: what an environment has."""

from __future__ import annotations

import json

import click

from gatewright.project import Project

WIDE = 400  # a pipe has no width: nothing is folded
SECTIONS = ("providers", "models", "routes", "roles", "tokens", "clients")


@click.command()
@click.argument("environment", metavar="ENV")
@click.argument("sections", metavar="[SECTION]...", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
def show(environment: str, sections: tuple[str, ...], form: str) -> None:
    """Show what an environment has, and what is missing.

    SECTION: providers, models, routes, roles, tokens, clients; all of them unless named.
    """
    from gatewright.operations.environments import open_one
    from gatewright.operations.show import show as tables

    declared = open_one(Project.find(), environment)
    found = tables(declared, sections)
    if form == "json":
        rows = {each.title: [dict(zip(each.headings, row, strict=True)) for row in each.rows] for each in found}
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.table import Table
    from rich.text import Text

    from gatewright.screen import Screen

    screen = Screen()
    if not screen.moves:
        screen.console.width = WIDE
    screen.heading(f"{declared.name} · {declared.gateway_url}")
    for each in found:
        table = Table(
            box=None,
            padding=(0, 3, 0, 1),
            header_style="dim",
            title=Text(f"\n{each.title}", style="bold"),
            title_justify="left",
        )
        for heading in each.headings:
            table.add_column(heading, overflow="fold")
        for row in each.rows:
            table.add_row(*(Text(cell) for cell in row))
        screen.console.print(table, soft_wrap=False)
