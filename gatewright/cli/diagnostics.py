"""Diagnostics as text for people, as JSON for programs, and as annotations for GitHub."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from gatewright.diagnostics import Severity, escape_unprintable
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatewright.diagnostics import Diagnostic


def diagnostic_lines(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """One line for each diagnostic: its location, padded to a common width, and its sentence."""
    return _lines((diagnostic, ()) for diagnostic in diagnostics)


def merged_lines(by_environment: Mapping[str, Sequence[Diagnostic]], *, notes: bool) -> list[str]:
    """The diagnostics of several environments, each once. Notes are left out unless `notes`.

    A line names its environments if it does not apply to all of them, unless its file is named after the only one.
    """
    merged: dict[Diagnostic, dict[str, Diagnostic]] = {}
    for name, diagnostics in by_environment.items():
        for diagnostic in diagnostics:
            if notes or diagnostic.severity is not Severity.NOTE:
                merged.setdefault(replace(diagnostic, related=()), {})[name] = diagnostic
    rows = []
    for diagnostic, originals in merged.items():
        related = dict.fromkeys(location for original in originals.values() for location in original.related)
        applies_to_all = len(originals) == len(by_environment) or [*originals] == [_stem(diagnostic)]
        rows.append((replace(diagnostic, related=tuple(related)), () if applies_to_all else tuple(originals)))
    return _lines(rows)


def _stem(diagnostic: Diagnostic) -> str:
    return PurePath(diagnostic.location.file).stem


def _lines(rows: Iterable[tuple[Diagnostic, Sequence[str]]]) -> list[str]:
    located = [(str(diagnostic.location), diagnostic, names) for diagnostic, names in rows]
    width = max((len(location) for location, _, _ in located), default=0)
    return [
        f"{location:<{width}}    {diagnostic.sentence()}{_remark(diagnostic, names)}"
        for location, diagnostic, names in located
    ]


def _remark(diagnostic: Diagnostic, environments: Sequence[str]) -> str:
    """`    [note: dev, prod]`"""
    words = [] if diagnostic.severity is Severity.ERROR else [diagnostic.severity.value]
    remark = ": ".join([*words, *([", ".join(environments)] if environments else [])])
    return f"    [{remark}]" if remark else ""


def count(diagnostics: Iterable[Diagnostic], severity: Severity) -> int:
    return sum(diagnostic.severity is severity for diagnostic in diagnostics)


def summary(name: str, diagnostics: Sequence[Diagnostic]) -> str:
    """`prod: 3 errors, 1 note`, or `prod: valid`."""
    counts = [(count(diagnostics, severity), severity.value) for severity in Severity]
    parts = [plural(number, word) for number, word in counts if number]
    return f"{name}: {', '.join(parts if counts[0][0] else ['valid', *parts])}"


def diagnostics_json(by_environment: Iterable[tuple[str, Sequence[Diagnostic]]]) -> str:
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
            "message": diagnostic.text,
            "hint": diagnostic.hint,
        }
        for name, diagnostics in by_environment
        for diagnostic in diagnostics
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def github_lines(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """GitHub's workflow commands: each becomes an annotation of its line."""
    commands = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    return [
        f"::{commands[diagnostic.severity]} file={_property(diagnostic.location.file)},line={diagnostic.location.line},"
        f"col={diagnostic.location.column},title={_property(diagnostic.code)}::{_data(diagnostic.sentence())}"
        for diagnostic in diagnostics
    ]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape_unprintable(text)).replace(":", "%3A").replace(",", "%2C")
