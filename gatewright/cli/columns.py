"""Column widths of tables that break lines only between words; rows as paragraphs for narrow terminals."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

EMPTY = ("", "–")
INDENT = "   "


def column_widths(rows: Sequence[Sequence[str]], available: int) -> list[int] | None:
    """A width for each column, `available` in total. None if a word would have to be broken.

    `rows` include the headings.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(_longest_word, column)) for column in columns]
    spare = available - sum(widths)
    if spare < 0:
        return None
    for index, column in enumerate(columns):
        wanted = max(map(len, column)) - widths[index]
        widths[index] += min(wanted, spare)
        spare -= min(wanted, spare)
    return widths


def row_paragraph(headings: Sequence[str], cells: Sequence[str], width: int) -> Iterator[str]:
    """A row on several lines: its first cell, then the others with their headings, broken between words."""
    yield f" {cells[0]}"
    others = [f"{name} {cell}".strip() for name, cell in zip(headings[1:], cells[1:], strict=True) if cell not in EMPTY]
    yield from textwrap.wrap(
        " · ".join(others),
        width,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def wrap_line(line: str, width: int) -> list[str]:
    """`line` on as many lines as needed, broken between words; the later ones start below its last column that leaves
    room for each word."""
    if len(line) <= width:
        return [line]
    room = min(width * 3 // 5, width - _longest_word(line))
    gaps = [gap.end() for gap in re.finditer(r"(?:^| ) +", line) if gap.end() <= room]
    indent = " " * (gaps[-1] if gaps else 0)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row, its cells in columns, without trailing blanks."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["    ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
