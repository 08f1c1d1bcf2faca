"""inventory: providers, plans, limits, models and their users, as a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from gatewright.cli.echo import print_json
from gatewright.cli.environment_files.show import tables_content
from gatewright.cli.parameters import environment_argument
from gatewright.cli.reports.tables import print_tables
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.show import Table

_LINK = re.compile(r"https://[\w.-]+(?:/[\w./?&=%+~-]*)?", re.ASCII)
_NAMES = ("id", "variable", "who", "when")
"""Headings of columns with names, which are written as code, like those in the first column."""


@click.command()
@environment_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="Output format.",
)
def inventory(environment: str, form: str) -> None:
    """List providers, plans, limits, models and who uses them.

    Includes the providers' use of prompts, listed prices, retirements, the worth of the free plans in a month, whom
    Cloudflare Access lets pass, and the gateway's policies.
    """
    from gatewright.cli.reports.markdown import code
    from gatewright.operations.inventory import inventory as tables_of
    from gatewright.workspace import select

    (loaded,) = select(Project.find(), [environment])
    tables = tables_of(loaded)
    if form == "json":
        print_json({"environment": environment, **tables_content(tables)})
    elif form == "markdown":
        click.echo("".join(tables_markdown(f"Inventory of {code(environment)}", tables)), nl=False)
    else:
        print_tables(environment if tables else f"{environment} declares no providers, models and tokens", tables)


def tables_markdown(heading: str, tables: Sequence[Table]) -> Iterator[str]:
    """The tables below a heading, which is Markdown."""
    from gatewright.cli.reports.markdown import table_head, table_line

    yield f"# {heading}\n"
    for table in tables:
        yield f"\n## {table.title.capitalize()}\n\n"
        yield table_head(table.headings)
        for row in table.rows:
            yield table_line(_cell(heading, cell, table) for heading, cell in zip(table.headings, row, strict=True))


def _cell(heading: str, cell: str, table: Table) -> str:
    from gatewright.cli.reports.markdown import code, text

    if _LINK.fullmatch(cell):
        return f"<{cell}>"
    write = code if heading in (table.headings[0], *_NAMES) else text
    return write(cell, in_table=True)
