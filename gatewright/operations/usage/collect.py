"""Collect the figures of a gateway by days: sums from analytics, and entries from the log for what sums do not show.

Finished days come from the cache. Where the analytics may not be read, or have nothing yet, the log is counted instead.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from gatewright.clock import DAY, HOUR, day_of, start_of_day
from gatewright.cloudflare.analytics import LAG, MAX_AGE, Analytics, InferenceSums, RequestSums
from gatewright.cloudflare.gateway_logs import IN_WORKERS_OBSERVABILITY, GatewayLogs, LogEntry
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.permissions import ACCOUNT_ANALYTICS_READ, AI_GATEWAY_READ
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.usage.days import SETTLED, Days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.operations.usage.day_cache import DayCache

    Json = dict[str, Any]

NEURONS_REACH = 31 * DAY
KEPT_FIELDS = tuple(field.name for field in fields(LogEntry) if field.name != "answer")
"""What is kept of a log entry: nothing of prompts and responses."""

_account_lock = threading.Lock()


@frozen
class DayLog:
    """The log of one day: how many entries it has, and those that were read."""

    day: int
    total: int
    entries: Sequence[LogEntry]

    @property
    def weight(self) -> float:
        """How many entries each one that was read stands for."""
        return self.total / len(self.entries) if self.entries else 1.0


@dataclass
class Collected:
    """The figures of one gateway. `requests` or `logs` are empty, `neurons` None, where they cannot be read."""

    requests: list[RequestSums] = field(default_factory=list)
    neurons: list[InferenceSums] | None = None
    logs: list[DayLog] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@frozen
class Source:
    """A gateway to ask, the time now, and the caches of the gateway and of the account. Without a client only the
    caches are read."""

    client: Client | None
    account: str
    gateway: str
    token: str  # the variable of the token, for messages
    now: int
    cache: DayCache
    account_cache: DayCache


def collect(
    source: Source,
    since: int,
    until: int,
    *,
    hourly: Collection[int] | None,
    log_since: int,
    log_pages: int,
    with_neurons: bool,
) -> Collected:
    """The sums from `since`, and the log from `log_since`: at most `log_pages` pages of each day.

    `hourly` are the days (their starts) that are needed by hour; None is all.

    Raises:
        RefusedError: the token may read neither analytics nor the log.
        CloudflareError: Cloudflare does not answer.
    """
    collected = Collected()
    refusal = _collect_sums(source, collected, since, until, hourly)
    if with_neurons and refusal is None:
        _collect_neurons(source, collected, max(since, start_of_day(until - NEURONS_REACH)), until, hourly)
    _collect_logs(source, collected, log_since, until, log_pages, refusal)
    _count_log(collected, refusal)
    return collected


def _collect_sums(
    source: Source, collected: Collected, since: int, until: int, hourly: Collection[int] | None
) -> GatewrightError | None:
    """Read the analytics of the gateway; the error where they do not answer."""
    earliest = start_of_day(until - MAX_AGE) + DAY
    if since < earliest:
        collected.notes.append(f"Cloudflare's analytics reach back 62 days: nothing before {day_of(earliest)} is known")
        since = earliest

    def read(start: int, end: int) -> list[RequestSums]:
        return Analytics(cast("Client", source.client), source.account).requests(source.gateway, start, end)

    days = Days(source.cache, "requests", RequestSums, hourly)
    try:
        collected.requests, missing = days.read(read if source.client else None, since, until, source.now)
    except RefusedError as error:
        collected.notes.append(
            f"{source.token} lacks {ACCOUNT_ANALYTICS_READ.name} on account {source.account}: sums are counted from the"
            " log, and neurons are estimated from tokens"
        )
        return error
    except CloudflareError as error:
        if error.status is None:
            raise
        collected.notes.append(f"{error.message}: sums are counted from the log")
        return error
    if missing:
        collected.notes.append(f"{plural(missing, 'day')} not in the cache: run gatewright usage first")
    return None


def _collect_neurons(
    source: Source, collected: Collected, since: int, until: int, hourly: Collection[int] | None
) -> None:
    def read(start: int, end: int) -> list[InferenceSums]:
        return Analytics(cast("Client", source.client), source.account).neurons(start, end)

    days = Days(source.account_cache, "neurons", InferenceSums, hourly)
    try:
        with _account_lock:  # environments share the account's neurons
            collected.neurons, _ = days.read(read if source.client else None, since, until, source.now)
    except CloudflareError as error:
        if error.status is None:
            raise
        collected.notes.append(f"{error.message}: neurons are estimated from tokens")


def _collect_logs(
    source: Source, collected: Collected, since: int, until: int, pages: int, refusal: Exception | None
) -> None:
    """Read the log of each day. Its errors are notes, unless the analytics do not answer either."""
    try:
        for day in range(start_of_day(since), until, DAY):
            log = day_log(source, max(day, since), min(day + DAY, until), pages)
            if log is not None:
                collected.logs.append(log)
    except RefusedError as error:
        if refusal is not None:
            raise RefusedError(
                f"{source.token} may read neither analytics nor logs of account {source.account}",
                f"It needs {ACCOUNT_ANALYTICS_READ.name}, and {AI_GATEWAY_READ.name} for latencies and routes",
            ) from error
        collected.notes.append(
            f"{source.token} lacks {AI_GATEWAY_READ.name} on account {source.account}: no latencies, routes, tokens and"
            " metadata"
        )
    except CloudflareError as error:
        if error.status != 404:
            raise
        collected.notes.append(
            f"account {source.account} has no log of gateway {source.gateway}: the gateway is not deployed, or the"
            f" account was created on or after 2026-09-24: {IN_WORKERS_OBSERVABILITY}. Sums are complete; latencies,"
            " steps of routes, tokens and metadata are missing"
        )


def day_log(source: Source, since: int, until: int, pages: int) -> DayLog | None:
    """The log of a day or a part of it; None where only the cache is read, and does not have it."""
    kind, name = "log", day_of(since)
    is_whole = until - since == DAY
    content = source.cache.read(kind, name) if is_whole else None
    if content is not None:
        entries = [LogEntry(*(*values, {})) for values in content["entries"]]
        if source.client is None or len(entries) == content["total"] or content["pages"] >= pages:
            return DayLog(since, content["total"], entries)
    if source.client is None:
        return None
    total, entries = GatewayLogs(source.client, source.account, source.gateway).sample(since, until, pages)
    if is_whole and until + SETTLED <= source.now:
        kept = [[getattr(entry, name) for name in KEPT_FIELDS] for entry in entries]
        source.cache.write(kind, name, {"total": total, "pages": pages, "entries": kept})
    return DayLog(since, total, entries)


def _count_log(collected: Collected, refusal: Exception | None) -> None:
    """Count the log where the analytics do not answer, or have nothing of it yet."""
    known = {start_of_day(sums.hour) for sums in collected.requests}
    missing = [log for log in collected.logs if log.entries and start_of_day(log.day) not in known]
    if not missing:
        return
    collected.requests = sorted([*collected.requests, *sums_of(missing)], key=lambda sums: sums.hour)
    if refusal is None:
        days = ", ".join(day_of(log.day) for log in missing)
        collected.notes.append(
            f"the analytics have nothing for {days}, and the log has: counted from the log (analytics lag by "
            f"{LAG // 60} minutes)"
        )


def sums_of(logs: Iterable[DayLog]) -> list[RequestSums]:
    """The sums of log entries by hour and model, as analytics have them."""
    sums: dict[tuple[int, str, str], list[float]] = {}
    for log in logs:
        for entry in log.entries:
            key = (int(entry.time) // HOUR * HOUR, entry.provider, entry.model)
            row = sums.setdefault(key, [0.0] * 6)
            values = (1, entry.is_cached, not entry.is_success, entry.tokens_in, entry.tokens_out, entry.cost)
            for index, value in enumerate(values):
                row[index] += value * log.weight
    return [
        RequestSums(*key, round(row[0]), round(row[1]), round(row[2]), round(row[3]), round(row[4]), row[5])
        for key, row in sums.items()
    ]
