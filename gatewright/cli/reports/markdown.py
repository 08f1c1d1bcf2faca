"""Markdown for GitHub: text from outside stays text, and a document fits into a comment.

A document is a tree of `Part`s. Where it is too long, the least important parts are left out, and a last line counts
them.
"""

from __future__ import annotations

import html
import re
from itertools import chain
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.io.printable import make_printable, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COMMENT_LIMIT = 65_536
"""Characters of a comment or an issue ("maximum is 65536 characters"); counted here in UTF-16 units, so never fewer."""
SUMMARY_LIMIT = 1_000_000
"""Characters of a job summary. Source: GitHub's documentation of job summaries, 1 MiB per step."""
MAX_VALUE = 2_000
"""Characters of one value from outside."""

_BREAK = "&#8203;"
"""A space without width. GitHub searches the rendered text for mentions, issues and addresses, so that an escape does
not stop it."""
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|:(?=//)|(?i:www(?=\.)|\bGH(?=-\d))")
_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_MARKUP = re.compile(
    rf"\\(?=[{_PUNCTUATION}]|$)"  # a backslash that would escape the next character
    r"|[`*\[]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # not within a word
    r"|<(?=[A-Za-z/!?])"  # tags and autolinks
    r"|&(?=#?\w+;)"  # entities
    r"|#(?=#*$)"  # the end of a heading
)
_BLOCK_START = re.compile(r"^(\d{0,9})([.)#>+=|:-])")
"""A list, a heading, a quote, a rule or a table."""


@frozen
class Part:
    """`head`, then `parts`, then `tail`, each of whole lines.

    Parts with the highest `rank` are left out first, and of these the last. `noun` names a part that is left out, as
    in "3 diffs"; a part without one always stays.
    """

    head: str
    rank: int = 0
    noun: str = ""
    parts: Sequence[Part] = ()
    tail: str = ""


def text(value: str, *, starts_block: bool = False, in_table: bool = False) -> str:
    """`value` as running text on one line, without markup, mentions and links.

    `starts_block`: nothing stands before it on its line but a list marker.
    """
    line = _one_line(value)
    pieces, end = [], 0
    for reference in _REFERENCE.finditer(line):
        pieces += [line[end : reference.end()], "\0"]
        end = reference.end()
    escaped = _escape("".join([*pieces, line[end:]]))
    if starts_block:
        escaped = _BLOCK_START.sub(r"\1\\\2", escaped)
    if in_table:
        escaped = escaped.replace("|", "\\|")
    return escaped.replace("\0", _BREAK)


def code(value: str, *, in_table: bool = False) -> str:
    """`value` as code within a line, where GitHub sees no mentions and addresses; nothing for an empty value."""
    inside = _one_line(value)
    if not inside.strip():
        return ""
    fence = "`" * (_longest_run(inside) + 1)
    space = " " if inside[0] in " `" or inside[-1] in " `" else ""
    span = f"{fence}{space}{inside}{space}{fence}"
    return span.replace("|", "\\|") if in_table else span


def table_line(cells: Iterable[str]) -> str:
    """A line of a table. The cells are Markdown."""
    return f"| {' | '.join(cells)} |\n"


def table_head(headings: Sequence[str]) -> str:
    """The first two lines of a table. The headings are Markdown."""
    return table_line(headings) + table_line(["---"] * len(headings))


def block(value: str, language: str = "") -> str:
    """`value` as a block of code."""
    lines = "\n".join(map(make_printable, value.splitlines()))
    fence = "`" * max(3, _longest_run(lines) + 1)
    return f"{fence}{language}\n{lines}\n{fence}\n\n"


def folded(summary: str, parts: Sequence[Part], *, rank: int, noun: str) -> Part:
    """Parts that unfold below `summary`, which is plain text."""
    escaped = html.escape(_one_line(summary), quote=False)
    title = _REFERENCE.sub(lambda reference: reference[0] + _BREAK, escaped)
    return Part(f"<details><summary>{title}</summary>\n\n", rank, noun, parts, "\n</details>\n\n")


def fit(parts: Sequence[Part], limit: int, full_command: str = "") -> str:
    """The document in at most `limit` characters; `full_command` prints what was left out, too."""
    flat = list(_walk(parts))
    descendants = [sum(1 for _ in _walk(part.parts)) for part in flat]
    sizes = [_size(part.head + part.tail) for part in flat]
    droppable = sorted(((part.rank, index) for index, part in enumerate(flat) if part.noun), reverse=True)
    kept = [True] * len(flat)
    left_out: dict[str, int] = {}
    total = sum(sizes)
    for _, index in droppable:
        if total + _size(_remainder(left_out, full_command)) <= limit:
            break
        if kept[index]:
            dropped = range(index, index + descendants[index] + 1)
            total -= sum(sizes[each] for each in dropped if kept[each])
            kept[index : index + len(dropped)] = [False] * len(dropped)
            left_out[flat[index].noun] = left_out.get(flat[index].noun, 0) + 1
    return "".join(_write(parts, iter(kept))) + _remainder(left_out, full_command)


def _remainder(left_out: Mapping[str, int], full_command: str) -> str:
    if not left_out:
        return ""
    counted = ", ".join(plural(count, noun) for noun, count in left_out.items())
    return f"\n> Too long: {counted} left out.{full_command and f' To print everything: {code(full_command)}'}\n"


def _walk(parts: Iterable[Part]) -> Iterator[Part]:
    return chain.from_iterable((part, *_walk(part.parts)) for part in parts)


def _write(parts: Iterable[Part], kept: Iterator[bool]) -> Iterator[str]:
    for part in parts:
        is_kept = next(kept)
        inside = list(_write(part.parts, kept))
        if is_kept:
            yield from (part.head, *inside, part.tail)


def _escape(line: str) -> str:
    escaped = _MARKUP.sub(lambda match: f"\\{match[0]}", line)
    for pair in "~$":  # strikethrough and formulas take two
        if escaped.count(pair) > 1:
            escaped = escaped.replace(pair, f"\\{pair}")
    return escaped


def _one_line(value: str) -> str:
    line = make_printable(" ".join(value.split()))
    return line if len(line) <= MAX_VALUE else f"{line[:MAX_VALUE]}… ({len(value):,} characters)"


def _longest_run(value: str) -> int:
    return max((len(run) for run in re.findall("`+", value)), default=0)


def _size(value: str) -> int:
    return len(value.encode("utf-16-le", "surrogatepass")) // 2
