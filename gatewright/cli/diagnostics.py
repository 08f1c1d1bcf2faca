"""Problems as text for people, as JSON for programs, as annotations for GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Problem


def problem_lines(problems: Iterable[Problem]) -> list[str]:
    """One line a problem: its place, padded to a common width, what and what to do."""
    shown = [(str(problem.place), problem) for problem in problems]
    width = max((len(place) for place, _ in shown), default=0)
    return [
        f"{place:<{width}}    {problem.sentence()}{'    [note]' if problem.severity is Severity.NOTE else ''}"
        for place, problem in shown
    ]


def summary(name: str, problems: Sequence[Problem]) -> str:
    """`prod: 3 errors, 1 note`, or `prod: valid`."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    notes = len(problems) - errors
    parts = [_count(errors, "error")] if errors else ["valid"]
    return f"{name}: {', '.join([*parts, *([_count(notes, 'note')] if notes else [])])}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def problems_json(found: Iterable[tuple[str, Sequence[Problem]]]) -> str:
    """A list of objects: environment, file, line, column, path, code, severity, message, hint."""
    rows = [
        {
            "environment": name,
            "file": problem.place.file,
            "line": problem.place.line,
            "column": problem.place.column,
            "path": problem.path,
            "code": problem.code,
            "severity": problem.severity.value,
            "message": problem.message,
            "hint": problem.hint,
        }
        for name, problems in found
        for problem in problems
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def github_lines(problems: Iterable[Problem]) -> list[str]:
    """GitHub's workflow commands: each becomes an annotation at its line of the change."""
    words = {Severity.ERROR: "error", Severity.NOTE: "notice"}
    return [
        f"::{words[problem.severity]} file={_property(problem.place.file)},line={problem.place.line},"
        f"col={problem.place.column},title={_property(problem.code)}::{_data(problem.sentence())}"
        for problem in problems
    ]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
