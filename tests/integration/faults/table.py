"""The ends of points as a table in Markdown: a row for each trouble, a column for each operation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .lab import OPERATIONS
from .points import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .workers import Record

FAILED = "FAILED"
ENDS = ("went on", "after one more", "after hints", "not met", FAILED)


def table(records: Mapping[str, Record]) -> Iterator[str]:
    """Its lines, by the newest record of each point. A number is of points with that end, where there are several."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for point, record in records.items():
        operation, kind, _ = point.split("/")
        counts[operation, kind, record["end"]] += 1
    yield _row("", *OPERATIONS)
    yield _row(*["---"] * (len(OPERATIONS) + 1))
    for kind in KINDS:
        cells = [_cell({end: counts[operation, kind, end] for end in ENDS}) for operation in OPERATIONS]
        if any(cells):
            yield _row(f"`{kind}`", *cells)
    total = Counter(record["end"] for record in records.values())
    yield ""
    yield f"{len(records)} points: {_cell(total, always=True)}"


def _cell(counts: Mapping[str, int], *, always: bool = False) -> str:
    found = {end: counts[end] for end in ENDS if counts[end]}
    is_one = sum(found.values()) == 1 and not always
    return ", ".join(end if is_one else f"{end} {number}" for end, number in found.items())


def _row(*cells: str) -> str:
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"
