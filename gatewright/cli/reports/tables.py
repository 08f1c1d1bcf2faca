"""Tables in a terminal and in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.cli.screen import Screen
    from gatewright.operations.show import Table


def print_tables(heading: str, tables: Sequence[Table]) -> None:
    """Print the sections below a heading."""
    from gatewright.cli.screen import Screen

    screen = Screen()
    screen.heading(heading)
    for section in tables:
        print_table(section, screen)


def print_table(section: Table, screen: Screen) -> None:
    """Print one section; each row as a paragraph if the terminal is too narrow for a table."""
    from rich.table import Table as RichTable
    from rich.text import Text

    from gatewright.cli.batch import PIPE_WIDTH
    from gatewright.cli.columns import column_widths, row_paragraph

    if not screen.moves:
        screen.console.width = PIPE_WIDTH
    padding = (0, 3, 0, 1)
    available = screen.console.width - len(section.headings) * (padding[1] + padding[3])
    widths = column_widths([section.headings, *section.rows], available)
    screen.line()
    screen.console.print(Text(section.title, style="bold"))
    if widths is None:
        for row in section.rows:
            for line in row_paragraph(section.headings, row, screen.console.width):
                screen.line(line)
        return
    table = RichTable(box=None, padding=padding, header_style="dim")
    for heading, width in zip(section.headings, widths, strict=True):
        table.add_column(heading, width=width)
    for row in section.rows:
        table.add_row(*(Text(cell) for cell in row))
    screen.console.print(table, soft_wrap=False)
