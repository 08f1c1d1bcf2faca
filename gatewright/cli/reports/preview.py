"""Plans as reports: for preview, and for the steps of up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cli.batch import count_outcomes, json_entries
from gatewright.cli.echo import print_json
from gatewright.cli.reports import model
from gatewright.cli.reports.model import BROKEN, CHANGED, CLEAN, Attachment, Document, Report, Row
from gatewright.io.printable import plural
from gatewright.operations.plan.document import document, plan_json
from gatewright.operations.plan.model import Action, Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.plan.model import Change, Plan

_MARKERS = {
    Action.CREATE: model.CREATE,
    Action.UPDATE: model.UPDATE,
    Action.REPLACE: model.REPLACE,
    Action.DELETE: model.DELETE,
    Action.IMPORT: model.CREATE,
}
_WORDS = {Action.CREATE: "new", Action.REPLACE: "replaced", Action.DELETE: "deleted"}
"""What happens, where the marker says that it is a risk."""
_SCHEDULED = {Action.CREATE: "scheduled: created", Action.DELETE: "scheduled: deleted"}
_MERGED_KINDS = ("key", "file", "route")
"""Kinds of which an environment has many: changes that say the same share a row."""


def preview_document(outcomes: Sequence[Outcome[Plan]]) -> Document:
    """The report of `preview`."""
    changed = sum(bool(outcome.value and outcome.value.has_changes) for outcome in outcomes)
    noun = "environment with changes" if len(outcomes) == 1 else "environments with changes"
    reports = [outcome.map(plan_report) for outcome in outcomes]
    json = document(json_entries(outcomes, plan_json))
    return Document("preview", count_outcomes(outcomes, changed, noun), reports, json)


def print_applied(outcomes: Sequence[Outcome[Plan]]) -> None:
    """Print the applied plans as the JSON document of `preview`."""
    print_json(document(json_entries([outcome.map(lambda plan: plan.as_applied()) for outcome in outcomes], plan_json)))


def plan_report(plan: Plan) -> Report:
    """The report of one plan."""
    status = BROKEN if plan.blockers else CHANGED if plan.has_changes else CLEAN
    return Report(
        plan.environment,
        plan_headline(plan),
        status,
        warnings=plan.warnings,
        blockers=plan.blockers,
        folded_rows=tuple(map(_row, plan.changes)),
        folded_noun="change",
        unchanged=plan.unchanged,
        notes=plan.notes,
        tables=(plan.simulation.table,) if plan.simulation else (),
    )


def plan_headline(plan: Plan) -> str:
    """`4 changes, 1 risk`; also whether an up would be refused."""
    changes = sum(change.counts for change in plan.changes)
    risks = sum(bool(change.risks) for change in plan.changes)
    parts = [plural(changes, "change") if changes else "no changes"]
    parts += [plural(risks, "risk")] if risks else []
    parts += ["up would be refused"] if plan.blockers else []
    return ", ".join(parts)


def _row(change: Change) -> Row:
    words = (_WORDS[change.action],) if change.risks and change.action in _WORDS else ()
    if change.cause is Cause.CALENDAR:
        words = (_SCHEDULED.get(change.action, "scheduled"),)
    shared = () if change.action is Action.CREATE and change.kind != "route" else change.differences
    is_merged = change.kind in _MERGED_KINDS
    return Row(
        _MARKERS[change.action] if change.counts else model.INFO,
        change.kind,
        change.name,
        details=(*words, *change.differences),
        risks=change.risks,
        location=change.location,
        attachments=tuple(_attachments(change)),
        merge_key=(change.action, change.kind, change.cause, shared, change.risks) if is_merged else None,
        local_only=change.cause is Cause.NOT_HERE,
    )


def _attachments(change: Change) -> Iterator[Attachment]:
    for when, chart in zip(("before", "after"), change.flowcharts or ("", ""), strict=True):
        if chart:
            yield Attachment(f"route {change.name} {when}", "mermaid", chart)
    if change.diff:
        yield Attachment(f"diff of {change.name}", "diff", change.diff)
