"""Markdown for GitHub: whatever comes from outside stays text, and the whole fits into one comment.

A document is a tree of `Part`s. What does not fit is left out part by part, the least worth knowing first, and the
reader is told how much of what.
"""

from __future__ import annotations

import html
import re
import string
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from gatewright.io.printable import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LIMIT = 65_536
"""Of a comment or an issue at GitHub ("maximum is 65536 characters"); counted here as UTF-16 does, so never less."""
MOST_NAMES = 10
LONGEST = 2_000
"""Characters of one value from outside."""
PREVIEW, DRIFT = "<!-- gatewright:preview -->", "<!-- gatewright:drift -->"
"""First lines by which a workflow finds its own earlier comment or issue."""

_BREAK = "&#8203;"
"""A space without width. GitHub looks for @names, #numbers and addresses once the Markdown is gone: an escape alone
would not hide them."""
_CALLS = re.compile(r"@|#|:(?=//)|(?i:www(?=\.)|\bGH(?=-\d))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Part:
    """`head`, then `parts`, then `tail`, each of whole lines. Parts with the highest `rank` are left out first, the
    last of them before the others; `noun` says what is missing then, as in "3 diffs". One without noun stays."""

    head: str
    rank: int = 0
    noun: str = ""
    parts: Sequence[Part] = ()
    tail: str = ""


def text(value: str) -> str:
    """`value` as running text on one line: shown as it is, it calls nobody and links to nothing."""
    pieces = []
    end = 0
    line = _one_line(value)
    for call in _CALLS.finditer(line):
        pieces += [_escaped(line[end : call.end()]), _BREAK]
        end = call.end()
    return "".join([*pieces, _escaped(line[end:])])


def code(value: str) -> str:
    """`value` as code within a line: there GitHub sees no names and no addresses. Nothing where there is nothing."""
    inside = _one_line(value)
    if not inside.strip():
        return ""
    fence = "`" * (_longest_run(inside) + 1)
    space = " " if inside[0] in " `" or inside[-1] in " `" else ""
    return f"{fence}{space}{inside}{space}{fence}"


def cell(value: str) -> str:
    """`code` within a table, where a bar would end the cell."""
    return code(value).replace("|", "\\|")


def block(value: str, language: str = "") -> str:
    """`value` as a block of code, whatever is in it."""
    shown = "\n".join(map(make_printable, value.splitlines()))
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}\n\n"


def folded(summary: str, parts: Sequence[Part], *, rank: int, noun: str) -> Part:
    """Parts behind a line that unfolds them; `summary` is plain text."""
    shown = _CALLS.sub(lambda call: call[0] + _BREAK, html.escape(_one_line(summary), quote=False))
    return Part(f"<details><summary>{shown}</summary>\n\n", rank, noun, parts, "\n</details>\n\n")


def fitted(parts: Sequence[Part], limit: int = LIMIT, whole: str = "") -> str:
    """The document in at most `limit` characters; its last line then counts what is left out, and names the command
    that has the `whole`."""
    numbered = list(enumerate(_walk(parts)))
    inside = [sum(1 for _ in _walk(part.parts)) for _, part in numbered]
    sizes = [_size(part.head + part.tail) for _, part in numbered]
    droppable = [(part.rank, number) for number, part in numbered if part.noun]
    kept = [True] * len(numbered)
    lost: dict[str, int] = {}
    total = sum(sizes)
    for _, number in sorted(droppable, reverse=True):
        if total + _size(_left_out(lost, whole)) <= limit:
            break
        if kept[number]:
            within = range(number, number + inside[number] + 1)
            total -= sum(sizes[each] for each in within if kept[each])
            for each in within:
                kept[each] = False
            noun = numbered[number][1].noun
            lost[noun] = lost.get(noun, 0) + 1
    return "".join(_written(parts, iter(kept))) + _left_out(lost, whole)


def _left_out(lost: Mapping[str, int], whole: str) -> str:
    if not lost:
        return ""
    counted = ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for noun, count in lost.items())
    return f"\n> Too long for one comment: {counted} left out.{whole and f' All of it: {code(whole)}'}\n"


def in_full(command: str, names: Sequence[str]) -> str:
    """The command that prints all that a document is made from."""
    return f"gatewright {command} {' '.join(names) if len(names) <= MOST_NAMES else 'ENV…'} --format json"


def _walk(parts: Iterable[Part]) -> Iterator[Part]:
    """Every part, as they are written."""
    return chain.from_iterable((part, *_walk(part.parts)) for part in parts)


def _written(parts: Iterable[Part], kept: Iterator[bool]) -> Iterator[str]:
    for part in parts:
        stays = next(kept)
        within = list(_written(part.parts, kept))
        if stays:
            yield from (part.head, *within, part.tail)


def _escaped(value: str) -> str:
    return "".join(_ENTITIES.get(each) or (f"\\{each}" if each in string.punctuation else each) for each in value)


def _one_line(value: str) -> str:
    line = make_printable(" ".join(value.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(value):,} characters)"


def _longest_run(value: str) -> int:
    return max((len(run) for run in re.findall("`+", value)), default=0)


def _size(value: str) -> int:
    return len(value.encode("utf-16-le", "surrogatepass")) // 2
