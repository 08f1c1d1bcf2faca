"""The findings of drift as a report."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cli.batch import count_outcomes, json_entries
from gatewright.cli.reports import model
from gatewright.cli.reports.model import ABSENT, CHANGED, CLEAN, Document, Report, Row
from gatewright.cli.screen import duration
from gatewright.io.printable import plural
from gatewright.operations.drift.model import FindingClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.drift.model import Drift, Finding

    Json = dict[str, Any]

VERSION = 1
"""The JSON document's version, increased when readers of the earlier one would misread it."""
_MARKERS = {
    FindingClass.CHANGED: model.UPDATE,
    FindingClass.EDITED: model.UPDATE,
    FindingClass.DELETED: model.DELETE,
    FindingClass.EXPIRING: model.EXPIRING,
    FindingClass.RETIRED: model.EXPIRING,
    FindingClass.ORPHAN: model.ORPHAN,
    FindingClass.NOT_HERE: model.INFO,
}


def drift_document(outcomes: Sequence[Outcome[Drift]], calls: int, seconds: float) -> Document:
    """The report of `drift`. `calls` are the command's own to Cloudflare, without the engine's."""
    drifts = [outcome.value for outcome in outcomes if outcome.value]
    clean = sum(drift.is_deployed and not drift.drifted for drift in drifts)
    absent = sum(not drift.is_deployed for drift in drifts)
    environments = json_entries(outcomes, drift_json)
    json = {"version": VERSION, "environments": environments, "calls": calls, "seconds": round(seconds, 3)}
    return Document(
        "drift",
        count_outcomes(outcomes, clean, "clean", (absent, "not deployed")),
        [outcome.map(drift_report) for outcome in outcomes],
        json,
        (plural(calls, "call"), duration(seconds)),
    )


def drift_report(drift: Drift) -> Report:
    """The report of one environment: what has drifted, then what is ignored and what other machines explain."""
    others = [finding for finding in drift.findings if finding.ignored or finding.class_ is FindingClass.NOT_HERE]
    return Report(
        drift.environment,
        _headline(drift),
        CHANGED if drift.drifted else CLEAN if drift.is_deployed else ABSENT,
        rows=tuple(map(_row, drift.drifted)),
        folded_rows=tuple(map(_row, others)),
        folded_noun="ignored finding",
        notes=drift.notes,
    )


def _headline(drift: Drift) -> str:
    """`clean · token agents: a new generation is due in 3 days, 2026-12-01`."""
    if not drift.is_deployed:
        return "not deployed"
    due = [f"{each.kind} {each.name}: {each.difference}" for each in drift.findings if each.class_ is FindingClass.DUE]
    return " · ".join([f"{len(drift.drifted)} drifted" if drift.drifted else "clean", *due])


def _row(finding: Finding) -> Row:
    is_here = finding.class_ is not FindingClass.NOT_HERE
    return Row(
        model.IGNORED if finding.ignored else _MARKERS[finding.class_],
        finding.kind,
        finding.name,
        details=tuple(_details(finding)),
        location=finding.location if is_here else None,
        clients=finding.clients if is_here else (),
        fix="" if finding.ignored else finding.fix,
        hint="" if finding.ignored else finding.hint or "",
        merge_key=None if is_here else finding.class_,
        local_only=not is_here,
    )


def _details(finding: Finding) -> Iterator[str]:
    """What differs, since when, and why it is ignored."""
    orphan = finding.class_ is FindingClass.ORPHAN
    yield f"orphan: {finding.difference}" if orphan else finding.difference
    if rule := finding.ignored:
        yield f"ignored{f' until {rule.until}' if rule.until else ''}: {rule.reason}"
    elif finding.since is not None:
        moment = clock.format_time(clock.parse_timestamp(finding.since))
        yield f"{'created' if orphan else 'changed'} at Cloudflare, {moment}"


def drift_json(drift: Drift) -> Json:
    """One environment as JSON: schemas/drift.schema.json."""
    return {
        "name": drift.environment,
        "isUp": drift.is_deployed,
        "hasDrifted": bool(drift.drifted),
        "findings": [_finding_json(finding) for finding in drift.findings],
        "notes": list(drift.notes),
        "seconds": round(drift.seconds, 3),
    }


def _finding_json(finding: Finding) -> Json:
    return {
        "class": finding.class_.value,
        "counts": finding.counts,
        "kind": finding.kind,
        "name": finding.name,
        "words": finding.difference,
        "what": finding.path,
        "place": asdict(finding.location) if finding.location else None,
        "who": list(finding.clients),
        "since": finding.since,
        "mend": finding.fix,
        "hint": finding.hint,
        "ignored": asdict(finding.ignored) if finding.ignored else None,
    }
