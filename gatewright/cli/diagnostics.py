"""Problems as text for people, as JSON for programs, as annotations for GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Diagnostic


def diagnostic_lines(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """One line a problem: its place, padded to a common width, what and what to do."""
    shown = [(str(diagnostic.location), diagnostic) for diagnostic in diagnostics]
    width = max((len(location) for location, _ in shown), default=0)
    return [
        f"{location:<{width}}    {diagnostic.sentence()}{'    [note]' if diagnostic.severity is Severity.NOTE else ''}"
        for location, diagnostic in shown
    ]


def summary(name: str, diagnostics: Sequence[Diagnostic]) -> str:
    """`prod: 3 errors, 1 note`, or `prod: valid`."""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    notes = len(diagnostics) - errors
    parts = [_count(errors, "error")] if errors else ["valid"]
    return f"{name}: {', '.join([*parts, *([_count(notes, 'note')] if notes else [])])}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def diagnostics_json(found: Iterable[tuple[str, Sequence[Diagnostic]]]) -> str:
    """A list of objects: environment, file, line, column, path, code, severity, message, hint."""
    rows = [
        {
            "environment": name,
            "file": diagnostic.location.file,
            "line": diagnostic.location.line,
            "column": diagnostic.location.column,
            "path": diagnostic.path,
            "code": diagnostic.code,
            "severity": diagnostic.severity.value,
            "message": diagnostic.message,
            "hint": diagnostic.hint,
        }
        for name, diagnostics in found
        for diagnostic in diagnostics
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def github_lines(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """GitHub's workflow commands: each becomes an annotation at its line of the change."""
    words = {Severity.ERROR: "error", Severity.NOTE: "notice"}
    return [
        f"::{words[diagnostic.severity]} file={_property(diagnostic.location.file)},line={diagnostic.location.line},"
        f"col={diagnostic.location.column},title={_property(diagnostic.code)}::{_data(diagnostic.sentence())}"
        for diagnostic in diagnostics
    ]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
