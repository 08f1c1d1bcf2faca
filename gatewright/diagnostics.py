"""What is wrong with what a user wrote, as values that are carried to the end and reported together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable


FEW = 12  # so many names still help in a message


class Severity(StrEnum):
    """An error stops everything; a note is said once and stops nothing."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A spot in a file; `file` as the user would type it, `line` and `column` from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{_printable(self.file)}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with what a user wrote, at the place where they wrote it."""

    location: Location
    path: str  # gateway.cache.ttl
    code: str  # a stable word for programs: unknown-key
    message: str  # what is wrong, and the limit it breaks
    hint: str | None = None  # the nearest right spelling, or what to do
    severity: Severity = Severity.ERROR

    def sentence(self) -> str:
        """Path, message and hint as one line, without the place."""
        text = f"{self.path}: {self.message}" if self.path else self.message
        if self.hint:
            text = f"{text}{'' if text.endswith(('.', '?', '!')) else '.'} {self.hint}"
        return _printable(text)


def _printable(text: str) -> str:
    """`text` on one line, without what a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


@dataclass(slots=True)
class Diagnostics:
    """Collects problems; equal ones, which an anchor or a shared base brings, are kept once. What looks like a key is
    masked.
    """

    _found: dict[Diagnostic, None] = field(default_factory=dict)
    _failed: set[Location] = field(default_factory=set)

    def error(self, location: Location, path: str, code: str, message: str, hint: str | None = None) -> None:
        self.add(Diagnostic(location, masked(path), code, masked(message), masked(hint) if hint else None))

    def note(self, location: Location, path: str, code: str, message: str, hint: str | None = None) -> None:
        self.add(Diagnostic(location, masked(path), code, masked(message), hint, Severity.NOTE))

    def add(self, diagnostic: Diagnostic) -> None:
        self._found.setdefault(diagnostic)
        if diagnostic.severity is Severity.ERROR:
            self._failed.add(diagnostic.location)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(self._found)

    def failed_at(self, location: Location) -> bool:
        """Whether an error stands at that very place already, so that its consequences need no words."""
        return location in self._failed

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return sum(diagnostic.severity is Severity.ERROR for diagnostic in self._found)

    @property
    def failed(self) -> bool:
        return bool(self._failed)


def nearest(written: str, valid: Iterable[str]) -> str | None:
    """The one of `valid` that `written` was most likely meant to be; None when nothing is close."""
    import difflib  # only a mistake pays for it

    names = {name.lower(): name for name in valid}
    near = difflib.get_close_matches(written.lower(), sorted(names), n=1, cutoff=0.6)
    return names[near[0]] if near else None


def did_you_mean(written: str, valid: Iterable[str]) -> str | None:
    """A hint with the nearest of `valid`, or with all of them when they are few; None when neither helps."""
    names = sorted(valid)
    near = nearest(written, names)
    if near:
        return f"Did you mean {near}?"
    if names and len(names) <= FEW:
        return f"Valid: {', '.join(names)}"
    return None
