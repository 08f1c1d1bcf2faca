"""A report of preview, drift or verify, the same for every format."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from gatewright.frozen import frozen
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Location
    from gatewright.operations.batch import Outcome
    from gatewright.operations.show import Table

    Json = dict[str, Any]


class Status(NamedTuple):
    """The state of an environment: its style in a terminal, and the sign of its heading in Markdown."""

    style: str
    sign: str = ""


CLEAN, CHANGED, BROKEN, ABSENT = Status("green", "✅ "), Status("yellow"), Status("red", "❌ "), Status("dim")


class Marker(NamedTuple):
    """What happens to a row's subject; where it has a risk, RISK takes the marker's place in text."""

    sign: str
    style: str


CREATE = Marker("+", "green")
UPDATE = Marker("~", "yellow")
REPLACE = Marker("±", "red")
DELETE = Marker("-", "red")
EXPIRING = Marker("!", "bold red")
ORPHAN = Marker("?", "magenta")
IGNORED = Marker("=", "dim")
INFO = Marker("·", "dim")
PASSED = Marker("✓", "green")
FAILED = Marker("✗", "red")
RISK = Marker("!", "bold red")


class Attachment(NamedTuple):
    """A diff or a chart of a row; `language` is that of a code block."""

    title: str
    language: str
    text: str


@frozen
class Row:
    """One change, finding or result.

    `details` are one fact each, `risks` the reasons to look at it first. `clients` use the subject. `fix` is a command
    for a shell or a sentence with one, `hint` more to know. `cells` are for a report that is a table. Consecutive rows
    with the same `merge_key` may share a row. `local_only` concerns no other machine.
    """

    marker: Marker
    kind: str
    name: str
    details: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    location: Location | None = None
    clients: tuple[str, ...] = ()
    fix: str = ""
    hint: str = ""
    cells: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    merge_key: object = None
    local_only: bool = False

    @property
    def subject(self) -> str:
        """`gateway agents-prod`."""
        return f"{self.kind} {self.name}".lstrip()


@frozen
class Report:
    """One environment: `headline` counts, `warnings` lead, `blockers` keep an up from starting, `rows` count,
    `folded_rows` are folded in Markdown. `columns` make it a table. `tables` are further sections."""

    environment: str
    headline: str
    status: Status
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    folded_rows: tuple[Row, ...] = ()
    folded_noun: str = ""
    unchanged: int = 0
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows, then the folded ones."""
        return self.rows + self.folded_rows

    @property
    def has_details(self) -> bool:
        """Whether there is more than the headline and the tables."""
        return bool(self.warnings or self.blockers or self.all_rows or self.notes)


@frozen
class Document:
    """The report of one command: a count of all environments, figures of the run, the outcome of each environment."""

    command: str
    counts: str
    outcomes: Sequence[Outcome[Report]]
    json: Json
    figures: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """`2 of 3 clean · 12 calls · 4.1 s`."""
        return " · ".join((self.counts, *self.figures))


def merge_rows(rows: Iterable[Row]) -> list[Row]:
    """Consecutive rows with the same `merge_key` as one: `4 keys`, with their names as the first detail."""
    merged: list[Row] = []
    for _, group in groupby(rows, key=lambda row: row.merge_key or id(row)):
        first, *others = group
        if others:
            alike = [first, *others]
            shared = first.details if all(row.details == first.details for row in others) else ()
            details = (" ".join(row.name for row in alike), *shared)
            first = replace(first, kind="", name=plural(len(alike), first.kind), details=details, location=None)
        merged.append(first)
    return merged
