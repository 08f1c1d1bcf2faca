"""What drift has found as the JSON that programs read: schemas/drift.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.drift.model import Drift, Finding

    Json = dict[str, Any]

VERSION = 1
"""Of the document: raised where a reader of the one before would be misled."""


def document(environments: Sequence[Json], calls: int, seconds: float) -> Json:
    """All of one command; each environment by `drift_json`, or `error_json` as a preview has it."""
    return {"version": VERSION, "environments": list(environments), "calls": calls, "seconds": round(seconds, 3)}


def drift_json(drift: Drift) -> Json:
    """One environment's."""
    return {
        "name": drift.environment,
        "isUp": drift.is_up,
        "hasDrifted": bool(drift.drifted),
        "findings": [_finding(each) for each in drift.findings],
        "notes": list(drift.notes),
        "seconds": round(drift.seconds, 3),
    }


def _finding(finding: Finding) -> Json:
    return {
        "class": finding.class_.value,
        "counts": finding.counts,
        "kind": finding.kind,
        "name": finding.name,
        "words": finding.words,
        "what": finding.what,
        "place": asdict(finding.location) if finding.location else None,
        "who": list(finding.who),
        "since": finding.since,
        "mend": finding.mend,
        "hint": finding.hint,
        "ignored": asdict(finding.ignored) if finding.ignored else None,
    }
