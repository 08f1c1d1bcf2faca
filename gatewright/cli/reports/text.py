"""Reports as text, for a terminal and for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gatewright.cli.batch import print_summary
from gatewright.cli.columns import row_paragraph, wrap_line
from gatewright.cli.reports.model import FAILED, IGNORED, INFO, RISK, merge_rows
from gatewright.cli.reports.preview import plan_report
from gatewright.cli.reports.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.cli.reports.model import Document, Report, Row
    from gatewright.cli.screen import Screen
    from gatewright.operations.plan.model import Plan

MIN_SUBJECT, MAX_SUBJECT = 27, 40
"""Width of the column of subjects: as wide as the longest one within these bounds."""
MAX_DETAILS = 90
"""Characters of details on one line; beyond that each detail has a line of its own."""
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def print_text(document: Document, screen: Screen, *, diffs: bool = False) -> None:
    """Print the environments, then, for several, a table of all with their counts.

    Several environments are printed in detail only where there is more than their headline. `diffs`: print the diffs
    of client files too.
    """
    several = len(document.outcomes) > 1
    reports = [outcome.value for outcome in document.outcomes if outcome.value]
    shown = [report for report in reports if not several or report.has_details or report.tables]
    for index, report in enumerate(shown):
        if index:
            screen.line()
        print_report(report, screen, diffs=diffs)
    if several:
        print_summary(document.outcomes, lambda report: report.headline, screen, document.headline)
    elif document.figures:
        screen.line()
        screen.line(document.headline)


def print_report(report: Report, screen: Screen, *, diffs: bool = False) -> None:
    """Print one environment."""
    heading = Text.assemble((f"{report.environment}  ", "bold"), (report.headline, f"bold {report.status.style}"))
    screen.console.print(heading)
    if report.has_details:
        screen.line()
    for warning in report.warnings:
        screen.console.print(Text.assemble("  ", (RISK.sign, RISK.style), f" {warning}"))
    for blocker in report.blockers:
        screen.console.print(Text.assemble("  ", (FAILED.sign, FAILED.style), f" {blocker}"))
    if report.columns:
        _print_table(report, screen)
    else:
        _print_rows(report, screen)
    for note in report.notes:
        for line in _wrapped(f"{INFO.sign} {note}", screen):
            screen.console.print(Text(line, style=INFO.style))
    for table in report.tables:
        print_table(table, screen)
    for row in report.all_rows if diffs else ():
        for diff in (each for each in row.attachments if each.language == "diff"):
            screen.line()
            for line in diff.text.splitlines():
                screen.console.print(Text(f"  {line}", style=_diff_style(line)))


def plan_lines(plan: Plan) -> list[str]:
    """The rows and notes of a plan, below a step of up."""
    lines = [line for _, lines in row_lines(plan_report(plan).all_rows) for line in lines]
    return [*lines, *plan.notes]


def row_lines(rows: Iterable[Row]) -> list[tuple[Row, list[str]]]:
    """Each row with its lines, aligned; similar rows are merged."""
    merged = merge_rows(rows)
    longest = max((len(row.subject) for row in merged), default=0)
    width = min(max(longest, MIN_SUBJECT), MAX_SUBJECT)
    return [(row, list(_lines(row, width))) for row in merged]


def _print_rows(report: Report, screen: Screen) -> None:
    for row, (first, *others) in row_lines(report.all_rows):
        style = (RISK if row.risks else row.marker).style
        start, *rest = _wrapped(first, screen)
        screen.console.print(Text.assemble("  ", (start[2:3], style), start[3:]))
        commands = (f"→ {row.fix}", f"      {row.hint}")
        for line in others:  # a command stays on one line, to be copied
            rest += [f"  {line}"] if line.endswith(commands) else _wrapped(line, screen)
        for line in rest:
            screen.line(line)
    if report.unchanged and report.all_rows:
        screen.console.print(Text(f"  {IGNORED.sign} {report.unchanged} unchanged", style=IGNORED.style))


def _wrapped(line: str, screen: Screen) -> list[str]:
    """`line` indented, in the width of the terminal; a pipe has none."""
    return wrap_line(f"  {line}", screen.console.width) if screen.moves else [f"  {line}"]


def _lines(row: Row, width: int) -> Iterator[str]:
    """The details beside the subject where they fit, the risks below them, then where to fix it and how."""
    location = f"({row.location})" if row.location and not row.fix else ""
    head = f"{(RISK if row.risks else row.marker).sign} {row.subject:<{width}} "
    line = "  ".join(filter(None, (" · ".join(row.details), location)))
    is_indented = any(detail.startswith(" ") for detail in row.details)
    if (len(line) <= MAX_DETAILS and not is_indented) or len(row.details) < 2:
        yield f"{head}{line}".rstrip()
    else:
        yield f"{head}{location}".rstrip()
        yield from (f"{'':<{width + 3}}{detail}" for detail in row.details)
    if row.risks:
        yield f"{'':<{width + 3}}risk: {'; '.join(row.risks)}"
    if row.fix:
        clients = f"used by {', '.join(row.clients)}" if row.clients else ""
        context = " · ".join(filter(None, (str(row.location or ""), clients)))
        yield f"    {context and f'{context} '}→ {row.fix}"
    if row.hint:
        yield f"      {row.hint}"


def _print_table(report: Report, screen: Screen) -> None:
    """Details stand beside their row where the terminal is wide enough for all of them, otherwise below it."""
    rows = report.rows
    widths = [max(map(len, column)) for column in zip(report.columns, *(row.cells for row in rows), strict=True)]
    details = _table_details(rows)
    left = sum(widths) + 2 * len(widths) + 4
    longest = max((len(line) for lines in details for line in lines), default=0)
    beside = not screen.moves or left + longest <= screen.console.width
    if screen.moves and left > screen.console.width:
        _print_paragraphs(report, details, screen)
        return
    screen.console.print(Text(_table_line(report.columns, widths).rstrip(), style="dim"))
    for row, lines in zip(rows, details, strict=True):
        first, *others = lines if beside and lines else ["", *lines]
        marker = (row.marker.sign, row.marker.style)
        screen.console.print(Text.assemble(_table_line(row.cells, widths), "  ", marker, f"  {first}".rstrip()))
        for line in others:
            screen.line(" " * (left if beside else 4) + line)


def _print_paragraphs(report: Report, details: Sequence[Sequence[str]], screen: Screen) -> None:
    """For a terminal that is too narrow for the table."""
    for row, lines in zip(report.rows, details, strict=True):
        first, *others = row_paragraph(report.columns, row.cells, screen.console.width)
        screen.console.print(Text.assemble(first, "  ", (row.marker.sign, row.marker.style)))
        for line in (*others, *(f"    {detail}" for detail in lines)):
            screen.line(line)


def _table_line(cells: tuple[str, ...], widths: Sequence[int]) -> str:
    return " " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def _table_details(rows: Sequence[Row]) -> list[list[str]]:
    """The details of each row, with its fix where an earlier row does not have the same."""
    seen = {""}
    lines = []
    for row in rows:
        first, others = row.details[:1], row.details[1:]
        fix = [] if row.fix in seen else [f"→ {row.fix}"]
        seen.add(row.fix)
        lines.append([*first, *fix, *others])
    return lines


def _diff_style(line: str) -> str:
    return "bold" if line.startswith(("---", "+++")) else _DIFF_STYLES.get(line[:1], "")
