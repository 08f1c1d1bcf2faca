"""The findings of `catalog check` as a report."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from gatewright.cli.reports import model
from gatewright.cli.reports.model import CHANGED, CLEAN, Document, Report, Row
from gatewright.command_line import command
from gatewright.io.printable import listed, make_single_line, plural
from gatewright.operations.batch import Outcome
from gatewright.operations.catalog.compare import Kind
from gatewright.operations.catalog.facts import Price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.catalog.check import CatalogCheck
    from gatewright.operations.catalog.compare import Evidence, Finding
    from gatewright.operations.catalog.facts import Table
    from gatewright.operations.catalog.references import Reference
    from gatewright.operations.catalog.update import CatalogUpdate

    Json = dict[str, Any]

VERSION = 1
"""The JSON document's version, increased when readers of the earlier one would misread it."""
_MARKERS = {
    Kind.RETIRED: model.DELETE,
    Kind.RETIRING: model.EXPIRING,
    Kind.ID: model.UPDATE,
    Kind.PRICE: model.UPDATE,
    Kind.CONTEXT: model.UPDATE,
    Kind.NEW: model.CREATE,
    Kind.UNCONFIRMED: model.INFO,
    Kind.DISAGREEMENT: model.ORPHAN,
}
_MAX_IGNORED = 3  # implausible values of one source that are printed


def catalog_document(check: CatalogCheck) -> Document:
    """The report of `catalog check`."""
    changes = len(check.changes)
    headline = f"{plural(len(check.declared), 'model')}, {plural(changes, 'change') if changes else 'no change'}"
    sources = [_source_note(table, check.today) for table in check.tables]
    report = Report(
        "catalog",
        headline,
        CHANGED if changes else CLEAN,
        rows=tuple(map(_row, check.changes)),
        folded_rows=tuple(_row(finding) for finding in check.findings if not finding.kind.counts),
        folded_noun="note",
        notes=(*sources, *(f"not read: {make_single_line(reason)}" for reason in check.skipped)),
    )
    json: Json = {
        "version": VERSION,
        "models": len(check.declared),
        "findings": [_finding_json(finding) for finding in check.findings],
        "sources": [_source_json(table) for table in check.tables],
        "skipped": list(check.skipped),
    }
    return Document("catalog check", headline, [Outcome("catalog", report)], json)


def _row(finding: Finding) -> Row:
    states = "; ".join(f"{each.source} ({each.date}): {each.statement}" for each in finding.evidence)
    counts = finding.kind.counts
    use = f"use {finding.successor}" if finding.successor else ""
    fix = command("catalog update --apply") if counts else ""
    return Row(
        _MARKERS[finding.kind],
        finding.kind.value,
        make_single_line(finding.name),
        details=tuple(make_single_line(text) for text in (finding.message, use) if text),
        location=finding.declared.location if finding.declared else None,
        hint=make_single_line(states),
        fix=fix,
    )


def _source_note(table: Table, today: str) -> str:
    age = (date.fromisoformat(today) - date.fromisoformat(table.date)).days
    ignored = listed(table.ignored, _MAX_IGNORED)
    warning = f"; values that cannot be true are ignored: {ignored}" if ignored else ""
    old = f" ({plural(age, 'day')} old)" if age > 0 else ""
    models = plural(len(table.models), "model")
    return make_single_line(f"source: {table.name} of {table.date}{old}, {models}{warning}")


def _finding_json(finding: Finding) -> Json:
    return {
        "kind": finding.kind.value,
        "counts": finding.kind.counts,
        "model": finding.name,
        "id": finding.id,
        "message": finding.message,
        "before": _plain(finding.before),
        "after": _plain(finding.after),
        "date": finding.date,
        "successor": str(finding.successor) if finding.successor else None,
        "location": asdict(finding.declared.location) if finding.declared else None,
        "evidence": [_evidence_json(evidence) for evidence in finding.evidence],
    }


def _plain(value: str | int | Price | None) -> Any:
    return asdict(value) if isinstance(value, Price) else value


def _evidence_json(evidence: Evidence) -> Json:
    return {"source": evidence.source, "date": evidence.date, "states": evidence.statement, "url": evidence.url}


def _source_json(table: Table) -> Json:
    return {
        "name": table.name,
        "date": table.date,
        "url": table.url,
        "models": len(table.models),
        "ignored": list(table.ignored),
    }


def update_lines(planned: CatalogUpdate) -> Iterator[str]:
    """The edits as a diff, then what they mean for routes, roles and clients."""
    for edit in planned.edits:
        yield from edit.diff()
    yield ""
    for reference in planned.replaced:
        yield f"{reference.location}: {reference.path}: {reference.name} -> {reference.successor}"
    for reference in planned.left:
        yield f"{reference.location}: {reference.path}: remove {reference.name}; its successor is in the list"


def update_json(planned: CatalogUpdate, *, written: bool) -> Json:
    """The same as JSON."""
    return {
        "diff": [line for edit in planned.edits for line in edit.diff()],
        "replaced": [_reference_json(reference) for reference in planned.replaced],
        "left": [_reference_json(reference) for reference in planned.left],
        "written": written,
    }


def _reference_json(reference: Reference) -> Json:
    return {
        "location": asdict(reference.location),
        "path": reference.path,
        "model": str(reference.name),
        "successor": str(reference.successor),
    }
