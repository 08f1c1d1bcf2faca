"""Diagnostics: errors, warnings and notes on what a user wrote, as values that are collected and reported together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable


MAX_LISTED = 13  # valid names in a hint


class Severity(StrEnum):
    """An error makes the environment invalid; a warning and a note do not. A warning is about what will fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A position in a file; `file` relative to the project, `line` and `column` from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{escape_unprintable(self.file)}:{self.line}:{self.column}"


@frozen
class Diagnostic:
    """One error, warning or note, at the location of what it is about."""

    location: Location
    path: str  # gateway.cache.ttl
    code: str  # stable, for programs: unknown-key
    message: str  # the problem, and the limit it breaks
    hint: str | None = None  # the nearest valid name, or what to do
    severity: Severity = Severity.ERROR
    related: tuple[Location, ...] = ()  # what the message refers to

    @property
    def text(self) -> str:
        """The message with the lines that it refers to."""
        lines = ", ".join(f"{location.file}:{location.line}" for location in self.related)
        return f"{self.message} ({lines})" if lines else self.message

    def sentence(self) -> str:
        """Path, message and hint on one line, without the location."""
        text = f"{self.path}: {self.text}" if self.path else self.text
        if self.hint:
            text = f"{text}{'' if text.endswith(('.', '?', '!')) else '.'} {self.hint}"
        return escape_unprintable(text)


def escape_unprintable(text: str) -> str:
    """`text` on one line, with escapes such as \\x1b for what a terminal or a log would interpret."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


@dataclass(slots=True)
class Diagnostics:
    """Collects diagnostics. Equal ones, as anchors and shared bases cause, are kept once. Keys are masked."""

    _collected: dict[Diagnostic, None] = field(default_factory=dict)
    _failed: set[Location] = field(default_factory=set)

    def error(self, location: Location, path: str, code: str, message: str, hint: str | None = None) -> None:
        self.add(Diagnostic(location, masked(path), code, masked(message), masked(hint) if hint else None))

    def warning(self, location: Location, path: str, code: str, message: str, hint: str | None = None) -> None:
        self.add(Diagnostic(location, masked(path), code, masked(message), hint, Severity.WARNING))

    def note(
        self,
        location: Location,
        path: str,
        code: str,
        message: str,
        hint: str | None = None,
        related: tuple[Location, ...] = (),
    ) -> None:
        self.add(Diagnostic(location, masked(path), code, masked(message), hint, Severity.NOTE, related))

    def add(self, diagnostic: Diagnostic) -> None:
        self._collected.setdefault(diagnostic)
        if diagnostic.severity is Severity.ERROR:
            self._failed.add(diagnostic.location)

    def extend(self, other: Diagnostics) -> None:
        """Add all diagnostics of `other`."""
        for diagnostic in other.diagnostics:
            self.add(diagnostic)

    def mark_failed(self, location: Location) -> None:
        """Treat this location as one with an error, whose cause is reported elsewhere."""
        self._failed.add(location)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(self._collected)

    def failed_at(self, location: Location) -> bool:
        """Whether there is an error at this location, so that its consequences need no errors of their own."""
        return location in self._failed

    @property
    def count(self) -> int:
        """The number of diagnostics so far."""
        return len(self._collected)

    @property
    def errors(self) -> int:
        """The number of errors so far."""
        return sum(diagnostic.severity is Severity.ERROR for diagnostic in self._collected)

    @property
    def failed(self) -> bool:
        return bool(self._failed)


def nearest(written: str, valid: Iterable[str]) -> str | None:
    """The name in `valid` that `written` most likely means; None if none is similar."""
    import difflib  # slow to import, and needed for mistakes only

    names = {name.lower(): name for name in valid}
    near = difflib.get_close_matches(written.lower(), sorted(names), n=1, cutoff=0.6)
    return names[near[0]] if near else None


def did_you_mean(written: str, valid: Iterable[str]) -> str | None:
    """A hint with the nearest name in `valid`, or with all names if they are few; None otherwise."""
    names = sorted(valid)
    near = nearest(written, names)
    if near:
        return f"Did you mean {near}?"
    if names and len(names) <= MAX_LISTED:
        return f"Valid: {', '.join(names)}"
    return None
