"""Reports as Markdown for a comment, an issue or a job summary at GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cli.reports.markdown import COMMENT_LIMIT, Part, block, code, fit, folded, table_head, table_line, text
from gatewright.cli.reports.model import BROKEN, FAILED, INFO, PASSED
from gatewright.command_line import command
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.cli.reports.model import Document, Report, Row
    from gatewright.operations.batch import Outcome
    from gatewright.operations.show import Table

MAX_NAMES = 10
# the parts with the highest rank are left out first
_ENVIRONMENT, _WARNING, _ROW, _DETAIL, _FIX, _NOTE, _QUIET, _CHART, _DIFF = range(1, 10)
_FOLDED = 10
"""Added to the ranks of a folded row without a risk."""
_SIGNS = {PASSED.sign: "✅", FAILED.sign: "❌", INFO.sign: INFO.sign}


def to_markdown(document: Document, limit: int = COMMENT_LIMIT) -> str:
    """The document in at most `limit` characters, its marker in the first line.

    Environments that failed come first, then those with the most risks and rows; quiet ones share a line.
    """
    reports = [outcome.value for outcome in document.outcomes if outcome.value]
    loud = sorted((report for report in reports if not _is_quiet(report)), key=_weight, reverse=True)
    names = [outcome.name for outcome in document.outcomes]
    full = command(f"{document.command} {' '.join(names) if len(names) <= MAX_NAMES else 'ENV…'} --format json")
    parts = [
        Part(f"{marker(document.command)}\n## gatewright {document.command}: {text(document.headline)}\n\n"),
        *(_failure(outcome, document.command) for outcome in document.outcomes if outcome.value is None),
        *map(_environment, loud),
        *_quiet([report for report in reports if _is_quiet(report)]),
    ]
    return fit(parts, limit, full)


def marker(command: str) -> str:
    """The first line, by which a workflow finds its earlier comment or issue."""
    return f"<!-- gatewright:{command} -->"


def _failure(outcome: Outcome[Report], command: str) -> Part:
    error = outcome.error
    what = "interrupted" if error is None else f"{command} failed"
    message = error and "\n".join(filter(None, (error.message, error.hint and f"→ {error.hint}")))
    details = [Part(block(message), _ROW, "error")] if message else []
    return Part(f"### ❌ {code(outcome.name)}: {what}\n\n", _ENVIRONMENT, "environment", details)


def _environment(report: Report) -> Part:
    lines = [f"- ⚠️ {text(warning)}\n" for warning in report.warnings]
    lines += [f"- ❌ up would be refused: {text(blocker)}\n" for blocker in report.blockers]
    lines += [f"- ⚠️ {_subject(row)}: {text('; '.join(row.risks))}\n" for row in report.folded_rows if row.risks]
    rows = [_row(row, 0) for row in report.rows]
    parts = [Part(line, _WARNING, "warning") for line in lines]
    parts += _table(report) if report.columns else rows
    head = f"### {report.status.sign}{code(report.environment)}: {text(report.headline)}\n\n"
    return Part(head, _ENVIRONMENT, "environment", [*parts, Part("\n"), *map(_section, report.tables), *_fold(report)])


def _quiet(reports: Sequence[Report]) -> Iterator[Part]:
    """Environments with nothing but the same headline share a line."""
    by_headline: dict[str, list[Report]] = {}
    for report in reports:
        by_headline.setdefault(f"{report.headline}{report.environment * bool(report.notes)}", []).append(report)
    for alike in by_headline.values():
        names = ", ".join(code(report.environment) for report in alike)
        fold = list(_fold(alike[0])) if alike[0].notes else []
        yield Part(f"- {names}: {text(alike[0].headline)}\n", _QUIET, "line about unchanged environments", fold)


def _fold(report: Report) -> Iterator[Part]:
    """The folded rows and the notes."""
    rows, unchanged = _shared(report)
    parts = [_row(row, 0 if row.risks else _FOLDED) for row in rows]
    notes = [Part(f"- {text(note, starts_block=True)}\n", _NOTE + _FOLDED, "note") for note in report.notes]
    if not parts and not notes:
        return
    counted = [plural(len(parts), report.folded_noun)] if parts else []
    counted += [plural(len(notes), "note")] if notes else []
    end = [Part(f"\n{unchanged:,} unchanged\n", _NOTE + _FOLDED, "note")] if unchanged else []
    yield folded(", ".join(counted), [*parts, *notes, *end], rank=_ROW, noun="list of changes and notes")


def _row(row: Row, less: int) -> Part:
    location = f" ({code(str(row.location))})" if row.location else ""
    clients = f", used by {text(', '.join(row.clients))}" if row.clients else ""
    details = [Part(_detail(each), _DETAIL + less, "detail") for each in row.details]
    if row.fix:
        details.append(Part(f"  - fix: {code(row.fix)}\n", _FIX + less, "fix"))
    if row.hint:
        details.append(Part(f"  - {text(row.hint, starts_block=True)}\n", _NOTE + less, "hint"))
    for attachment in row.attachments:
        rank = less + (_DIFF if attachment.language == "diff" else _CHART)
        inside = [Part(block(attachment.text, attachment.language))]
        fold = folded(attachment.title, inside, rank=rank, noun="")
        details.append(Part("\n", rank, "diff" if attachment.language == "diff" else "chart", [fold]))
    return Part(f"- {code(row.marker.sign)} {_subject(row)}{location}{clients}\n", _ROW + less, "row", details)


def _detail(detail: str) -> str:
    """A line of the list below a row; what is indented becomes a list of its own."""
    line = detail.lstrip(" ")
    return f"  {' ' * (len(detail) - len(line))}- {text(line, starts_block=True)}\n"


def _table(report: Report) -> Iterator[Part]:
    yield Part(table_head(["", *report.columns, ""]))
    for row in report.rows:
        subject, *others = row.cells
        fix = [f"→ {text(row.fix, in_table=True)}"] if row.fix else []
        details = [text(detail, in_table=True) for detail in row.details]
        cells = [code(subject, in_table=True), *(text(cell, in_table=True) for cell in others)]
        line = [_SIGNS[row.marker.sign], *cells, "<br>".join([*details[:1], *fix, *details[1:]])]
        yield Part(table_line(line), _ROW, "row")
    yield Part("")


def _section(table: Table) -> Part:
    """A table with its heading."""
    rows = ([code(name, in_table=True), *(text(cell, in_table=True) for cell in cells)] for name, *cells in table.rows)
    title = table.title[:1].upper() + table.title[1:]
    return Part(f"#### {text(title)}\n\n{table_head(table.headings)}{''.join(map(table_line, rows))}\n", _ROW, "table")


def _subject(row: Row) -> str:
    return f"{text(row.kind)} {code(row.name)}".lstrip()


def _shared(report: Report) -> tuple[list[Row], int]:
    """The folded rows that concern other machines, too, and the number of unchanged resources for these."""
    rows = [row for row in report.folded_rows if not row.local_only]
    local = len(report.folded_rows) - len(rows)
    return rows, report.unchanged and report.unchanged + local


def _is_quiet(report: Report) -> bool:
    return not (report.warnings or report.blockers or report.rows or report.tables or _shared(report)[0])


def _weight(report: Report) -> tuple[bool, int, int]:
    risks = sum(bool(row.risks) for row in report.all_rows)
    return report.status is BROKEN, risks, 0 if report.columns else len(report.rows)
