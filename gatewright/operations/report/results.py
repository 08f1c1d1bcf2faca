"""What verify and drift found last, and how that was before, from the results kept by `--history`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.frozen import frozen
from gatewright.io.figures import percent
from gatewright.io.printable import plural
from gatewright.operations.history import read_drift_history, read_verify_history
from gatewright.operations.reliability import RECENT_DAYS, provider_reliability
from gatewright.operations.report.charts import Chart, column_chart
from gatewright.operations.show import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.operations.history import DriftRun, History, VerifyRun
    from gatewright.project import Project

SHOWN_RUNS = 30
"""The newest runs, which the charts show."""


@frozen
class Results:
    """The last run in words, what it found, a chart of the runs before it, and notes on lines that were skipped.

    `problems` is the number of findings or failures of the last run.
    """

    summary: str
    problems: int
    found: Table
    chart: Chart | None
    notes: tuple[str, ...]
    providers: Table | None = None


def verify_results(project: Project, environment: str, now: int) -> Results | None:
    """The results of verify; None where no run is kept."""
    history = read_verify_history(project, environment)
    if not history.runs:
        return None
    last = history.runs[-1]
    failed = [result for result in last.results if not result.ok and result.was_sent]
    sent = sum(result.was_sent for result in last.results)
    rows = tuple((result.name, result.failure or "–", f"{result.ms:,} ms") for result in failed)
    return Results(
        f"{clock.format_time(last.time)}: {sent - len(failed)} of {plural(sent, 'model or route', 'models and routes')}"
        " answered as expected",
        len(failed),
        Table("failures", ("model or route", "failure", "took"), rows),
        _verify_chart(history),
        history.notes,
        _reliability(history, now),
    )


def drift_results(project: Project, environment: str) -> Results | None:
    """The results of drift; None where no run is kept."""
    history = read_drift_history(project, environment)
    if not history.runs:
        return None
    last = history.runs[-1]
    count = len(last.drifted)
    state = (plural(count, "finding") if count else "nothing has drifted") if last.is_deployed else "not deployed"
    rows = tuple((f"{finding.kind} {finding.name}", finding.class_, finding.difference) for finding in last.drifted)
    return Results(
        f"{clock.format_time(last.time)}: {state}",
        count,
        Table("findings", ("resource", "class", "difference"), rows),
        _drift_chart(history),
        history.notes,
    )


def _verify_chart(history: History[VerifyRun]) -> Chart | None:
    points = []
    for run in history.runs:
        sent = [result for result in run.results if result.was_sent]
        if sent:
            points.append((run.time, 100 * sum(result.answered for result in sent) / len(sent)))
    average = sum(share for _, share in points) / len(points) if points else 0
    summary = f"{percent(average / 100)} on average over {plural(len(points), 'run')}"
    return _run_chart("Answered requests", points, summary, lambda value: percent(value / 100), highest=100)


def _drift_chart(history: History[DriftRun]) -> Chart | None:
    points = [(run.time, float(len(run.drifted))) for run in history.runs]
    clean = sum(not count for _, count in points)
    return _run_chart("Findings", points, f"{clean} of {plural(len(points), 'run')} without drift", "{:g}".format)


def _run_chart(
    title: str,
    points: Sequence[tuple[int, float]],
    summary: str,
    number: Callable[[float], str],
    highest: float | None = None,
) -> Chart | None:
    """The newest runs; None for a single one."""
    if len(points) < 2:
        return None
    seen: Counter[str] = Counter()
    labelled = []
    for time, value in points[-SHOWN_RUNS:]:
        day = clock.day_of(time)
        seen[day] += 1
        labelled.append((day if seen[day] == 1 else f"{day} ({seen[day]})", value))
    return column_chart(title, labelled, summary, number, highest)


def _reliability(history: History[VerifyRun], now: int) -> Table | None:
    rows = [
        (
            "routes" if entry.provider == "dynamic" else entry.provider,
            percent(entry.share),
            f"{entry.answered:,} of {entry.sent:,}",
            f"{entry.recently_answered:,} of {entry.recently_sent:,}",
            f"{clock.day_of(entry.last_failure.time)} {entry.last_failure.name}: {entry.last_failure.code}"
            if entry.last_failure
            else "none",
        )
        for entry in provider_reliability(history.runs, now)
    ]
    headings = ("provider", "answered", "requests", f"last {RECENT_DAYS} days", "last failure")
    return Table("reliability", headings, tuple(rows)) if rows else None
