"""Group requests: sums by model, provider, day and hour; log entries by route, token and metadata."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from gatewright.clock import DAY, HOUR, day_of, format_time, start_of_day
from gatewright.cloudflare.gateway_logs import requests_of
from gatewright.operations.usage.collect import DayLog, sums_of
from gatewright.operations.usage.model import Latency, RouteStep, Row, Totals
from gatewright.operations.usage.names import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gatewright.cloudflare.analytics import RequestSums
    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.operations.usage.names import Names

FROM_SUMS = ("model", "provider", "day", "hour")
FROM_LOG = ("route", "token")
METADATA = "metadata."
NO_ROUTE = "(no route)"
NOT_SET = "(not set)"


def totals(rows: Iterable[RequestSums]) -> Totals:
    """The sum of all rows."""
    return sum(map(_totals, rows), Totals())


def rows_of_sums(by: str, requests: Sequence[RequestSums], logs: Sequence[DayLog], names: Names) -> tuple[Row, ...]:
    """The rows of `by`, one of FROM_SUMS: by time in their order, others by requests."""
    key = _keys(names)[by]
    sums: defaultdict[str, Totals] = defaultdict(Totals)
    for row in requests:
        sums[key(row.provider, row.model, row.hour)] += _totals(row)
    durations: defaultdict[str, list[float]] = defaultdict(list)
    for entry in (entry for log in logs for entry in log.entries if not entry.is_cached):
        durations[key(entry.provider, entry.model, int(entry.time) // HOUR * HOUR)].append(entry.duration)
    rows = [Row(name, total, latency(durations.get(name, ()))) for name, total in sums.items()]
    return tuple(rows if by in ("day", "hour") else _ordered(rows))


def days_of(requests: Sequence[RequestSums], since: int, until: int) -> tuple[Row, ...]:
    """A row for every day, also those without requests."""
    sums = {day_of(day): Totals() for day in range(start_of_day(since), until, DAY)}
    for row in requests:
        if (day := day_of(row.hour)) in sums:
            sums[day] += _totals(row)
    return tuple(Row(day, total) for day, total in sums.items())


def rows_of_log(by: str, logs: Sequence[DayLog], names: Names) -> tuple[Row, ...]:
    """The rows of `by`: route, token, or metadata.<key>. Counts of a sample are scaled to all entries."""
    key = _entry_keys(by, logs, names)
    groups: defaultdict[str, list[DayLog]] = defaultdict(list)
    for log in logs:
        parts: defaultdict[str, list[LogEntry]] = defaultdict(list)
        for entry in log.entries:
            parts[key(entry)].append(entry)
        for name, entries in parts.items():
            groups[name].append(DayLog(log.day, round(len(entries) * log.weight), entries))
    return tuple(_ordered(Row(name, totals(sums_of(parts)), latency_of(parts)) for name, parts in groups.items()))


def latency_of(logs: Sequence[DayLog]) -> Latency | None:
    """Of all entries that the cache did not answer."""
    return latency([entry.duration for log in logs for entry in log.entries if not entry.is_cached])


def latency(durations: Sequence[float]) -> Latency | None:
    """The smallest durations that 50 and 95 percent of `durations` do not exceed."""
    if not durations:
        return None
    ordered = sorted(durations)
    return Latency(*(ordered[-(-len(ordered) * percent // 100) - 1] for percent in (50, 95)))


def route_steps(logs: Sequence[DayLog], names: Names) -> tuple[RouteStep, ...]:
    """How often each route was answered by each of its steps; routes that only ever used step 0 are left out."""
    counts: Counter[tuple[str, int, str]] = Counter()
    for log in logs:
        for attempts in requests_of(log.entries):
            route = names.route(attempts)
            if route is not None:
                last = max(attempts, key=lambda entry: (entry.step, entry.time))
                counts[route, last.step, names.model_text(last.provider, last.model)] += 1
    sums: Counter[str] = Counter()
    for (route, _, _), count in counts.items():
        sums[route] += count
    return tuple(
        RouteStep(route, step, model, count, count / sums[route])
        for (route, step, model), count in sorted(counts.items())
        if any(other == route and number for other, number, _ in counts)
    )


def _keys(names: Names) -> Mapping[str, Callable[[str, str, int], str]]:
    return {
        "model": lambda provider, model, _: names.model_text(provider, model),
        "provider": lambda provider, _, __: provider or UNKNOWN,
        "day": lambda _, __, hour: day_of(hour),
        "hour": lambda _, __, hour: format_time(hour).removesuffix(" UTC"),
    }


def _entry_keys(by: str, logs: Sequence[DayLog], names: Names) -> Callable[[LogEntry], str]:
    if by == "token":
        return names.token
    if by == "route":
        routes = {
            entry.id: names.route(attempts) or NO_ROUTE
            for log in logs
            for attempts in requests_of(log.entries)
            for entry in attempts
        }
        return lambda entry: routes[entry.id]
    name = by.removeprefix(METADATA)
    return lambda entry: str(entry.metadata.get(name, NOT_SET))


def _totals(row: RequestSums) -> Totals:
    return Totals(row.requests, row.cached, row.errors, row.tokens_in, row.tokens_out, row.cost)


def _ordered(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.totals.requests, row.name))
