"""Cost, requests and cache by day, and what is left of limits: from the figures that `gatewright usage` keeps.

Of an account only finished days are kept, so its figures end yesterday. A local Cloudflare that runs is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.errors import CloudflareError
from gatewright.frozen import frozen
from gatewright.io.figures import percent, seconds, usd
from gatewright.io.printable import plural
from gatewright.operations.report.charts import Chart, column_chart
from gatewright.operations.show import Table
from gatewright.operations.usage.measure import Question, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.usage.model import Row, Usage
    from gatewright.project import Project

DAYS = 30
LOG_DAYS = 7
"""Of the log, which the latencies and the steps of routes come from: it is far larger than the sums."""


@frozen
class LimitRow:
    """A limit and what is used of it, in words; `percent` is at most 100 for the bar."""

    subject: str
    limit: str
    used: str
    percent: int
    lasts: str

    @property
    def level(self) -> str:
        """bad from 100%, warn from 80%."""
        return "bad" if self.percent >= 100 else "warn" if self.percent >= 80 else "good"


@frozen
class UsageSection:
    """The usage of an environment until `until`; `summary` is a sentence."""

    until: str
    summary: str
    charts: tuple[Chart, ...]
    days: Table
    models: Table
    fallbacks: Table
    limits: tuple[LimitRow, ...]
    notes: tuple[str, ...]


def usage_section(project: Project, loaded: Loaded, accounts: Accounts | None, now: int) -> UsageSection | None:
    """The usage of an environment; None where no request is known. `accounts` has the local Cloudflare, if it runs."""
    environment = loaded.environment
    if environment is None or not _is_known(project, environment, accounts):
        return None
    is_local = environment.local is not None
    end = now if is_local else clock.start_of_day(now) - clock.HOUR - 1
    try:
        usage = measure(
            project,
            loaded,
            accounts if is_local else None,
            Question(end, (DAYS - 1) * clock.DAY, log_seconds=(LOG_DAYS - 1) * clock.DAY),
        )
    except CloudflareError:  # a local Cloudflare that has just stopped, or has no gateway yet
        return None
    return _section(usage, end, is_local=is_local) if usage.totals.requests else None


def _is_known(project: Project, environment: Environment, accounts: Accounts | None) -> bool:
    if environment.local is not None:
        return accounts is not None
    return (project.work / "usage" / environment.account / environment.gateway_name).is_dir()


def _section(usage: Usage, end: int, *, is_local: bool) -> UsageSection:
    totals = usage.totals
    summary = (
        f"{plural(totals.requests, 'request')} in {DAYS} days, {percent(totals.cached_share)} from the cache, "
        f"{percent(totals.error_share)} failed, {_usd(totals.cost)}"
    )
    return UsageSection(
        clock.format_time(end) if is_local else f"the end of {clock.day_of(end)}",
        summary,
        tuple(_charts(usage.days)),
        Table("days", ("day", *_HEADINGS), tuple((row.name, *_figures(row)) for row in usage.days)),
        Table("models", ("model", *_HEADINGS, "p50", "p95"), tuple(_model_row(row) for row in usage.models)),
        Table(
            "fallbacks",
            ("route", "step", "model", "requests", "share"),
            tuple(
                (step.route, str(step.step + 1), step.model, f"{step.requests:,}", f"{percent(step.share)}")
                for step in usage.steps
            ),
        ),
        tuple(_limits(usage, end)),
        usage.notes,
    )


_HEADINGS = ("requests", "cached", "failed", "tokens in", "tokens out", "cost")
NUMBERS = (*_HEADINGS, "p50", "p95", "step", "share")
"""The headings of columns with numbers."""


def _figures(row: Row) -> tuple[str, ...]:
    totals = row.totals
    counts = (totals.requests, totals.cached, totals.errors, totals.tokens_in, totals.tokens_out)
    return (*(f"{count:,}" for count in counts), _usd(totals.cost))


def _model_row(row: Row) -> tuple[str, ...]:
    latencies = (row.latency.p50 / 1000, row.latency.p95 / 1000) if row.latency else (None, None)
    return (row.name, *_figures(row), *map(seconds, latencies))


def _charts(days: Sequence[Row]) -> list[Chart]:
    def chart(title: str, value: Callable[[Row], float], number: Callable[[float], str], total: str = "") -> Chart:
        points = [(row.name, value(row)) for row in days]
        day, highest = max(points, key=lambda point: point[1])
        summary = f"highest {number(highest)} on {day}" if highest else "none"
        return column_chart(title, points, f"{total}{summary}", number)

    requests = sum(row.totals.requests for row in days)
    cost = sum(row.totals.cost for row in days)
    return [
        chart("Requests", lambda row: row.totals.requests, "{:,.0f}".format, f"{requests:,} in all, "),
        chart("Cost", lambda row: row.totals.cost, _usd, f"{_usd(cost)} in all, "),
        chart("From the cache", lambda row: row.totals.cached_share * 100, _hundredths),
        chart("Failed", lambda row: row.totals.error_share * 100, _hundredths),
    ]


def _usd(value: float) -> str:
    return f"{usd(value)} USD"


def _hundredths(value: float) -> str:
    return percent(value / 100)


def _limits(usage: Usage, end: int) -> list[LimitRow]:
    rows = []
    for use in sorted(usage.limits, key=lambda use: -use.share):
        if use.gone_at is None:
            lasts = "lasts"
        else:
            verb = "used up since" if use.gone_at <= end else "used up at this rate by"
            lasts = f"{verb} {clock.format_time(use.gone_at)}"
        about = "about " if use.is_estimate else ""
        used = usd(use.used) if use.unit == "USD" else f"{use.used:,.0f}"
        used = f"{about}{used} {use.unit}, {percent(use.share)}"
        rows.append(LimitRow(use.subject, use.limit, used, min(round(use.share * 100), 100), lasts))
    return rows
