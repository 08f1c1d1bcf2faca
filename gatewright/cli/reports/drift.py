"""The findings of drift as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cli.batch import entries
from gatewright.cli.reports import model
from gatewright.cli.reports.model import Document, Report, Row, Status, counts
from gatewright.cli.screen import duration
from gatewright.io.printable import plural
from gatewright.operations.drift.document import document, drift_json
from gatewright.operations.drift.model import Class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.drift.model import Drift, Finding

_MARKERS = {
    Class.CHANGED: model.UPDATE,
    Class.EDITED: model.UPDATE,
    Class.DELETED: model.DELETE,
    Class.EXPIRING: model.EXPIRING,
    Class.ORPHAN: model.ORPHAN,
    Class.NOT_HERE: model.INFO,
}


def drift_document(outcomes: Sequence[Outcome[Drift]], calls: int, seconds: float) -> Document:
    """The report of `drift`. `calls` are the command's own to Cloudflare, without the engine's."""
    drifts = [outcome.value for outcome in outcomes if outcome.value]
    clean = sum(drift.is_up and not drift.drifted for drift in drifts)
    absent = sum(not drift.is_up for drift in drifts)
    return Document(
        "drift",
        counts(outcomes, clean, "clean", (absent, "not deployed")),
        [outcome.map(drift_report) for outcome in outcomes],
        document(entries(outcomes, drift_json), calls, seconds),
        (plural(calls, "call"), duration(seconds)),
    )


def drift_report(drift: Drift) -> Report:
    """The report of one environment: what has drifted, then what is ignored and what other machines explain."""
    others = [finding for finding in drift.findings if finding.ignored or finding.class_ is Class.NOT_HERE]
    return Report(
        drift.environment,
        _headline(drift),
        Status.CHANGED if drift.drifted else Status.PASSED if drift.is_up else Status.ABSENT,
        rows=tuple(map(_row, drift.drifted)),
        folded_rows=tuple(map(_row, others)),
        folded_noun="ignored finding",
        notes=drift.notes,
    )


def _headline(drift: Drift) -> str:
    """`clean · token agents: a new generation is due in 3 days, 2026-12-01`."""
    if not drift.is_up:
        return "not deployed"
    due = [f"{each.kind} {each.name}: {each.words}" for each in drift.findings if each.class_ is Class.DUE]
    return " · ".join([f"{len(drift.drifted)} drifted" if drift.drifted else "clean", *due])


def _row(finding: Finding) -> Row:
    is_here = finding.class_ is not Class.NOT_HERE
    return Row(
        model.IGNORED if finding.ignored else _MARKERS[finding.class_],
        finding.kind,
        finding.name,
        details=tuple(_details(finding)),
        location=finding.location if is_here else None,
        clients=finding.who if is_here else (),
        fix="" if finding.ignored else finding.mend,
        hint="" if finding.ignored else finding.hint or "",
        merge_key=None if is_here else finding.class_,
        local_only=not is_here,
    )


def _details(finding: Finding) -> Iterator[str]:
    """What differs, since when, and why it is ignored."""
    orphan = finding.class_ is Class.ORPHAN
    yield f"orphan: {finding.words}" if orphan else finding.words
    if rule := finding.ignored:
        yield f"ignored{f' until {rule.until}' if rule.until else ''}: {rule.reason}"
    elif finding.since is not None:
        moment = clock.format_time(clock.parse_timestamp(finding.since))
        yield f"{'created' if orphan else 'changed'} at Cloudflare, {moment}"
