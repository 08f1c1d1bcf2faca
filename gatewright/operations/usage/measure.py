"""usage: what an environment used, and how much of its limits is left."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clock import DAY, HOUR, format_time, format_timestamp, start_of_day
from gatewright.cloudflare.gateway_logs import IN_WORKERS_OBSERVABILITY
from gatewright.environment.quantities import parse_since
from gatewright.errors import UsageError
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.inventory import listed_prices
from gatewright.operations.reported_limits import read_limits
from gatewright.operations.usage import groups
from gatewright.operations.usage.collect import Source, collect, day_log
from gatewright.operations.usage.day_cache import DayCache
from gatewright.operations.usage.limits import Limits, month_start
from gatewright.operations.usage.model import Usage
from gatewright.operations.usage.names import Names
from gatewright.operations.usage.openrouter import openrouter_limits
from gatewright.workspace import deploying_token, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.operations.usage.collect import Collected
    from gatewright.operations.usage.model import LimitUse
    from gatewright.project import Project

MAX_DAYS = 62
_OVERVIEW_PAGES = 15
"""Of the log of one day: with analytics and neurons that is at most 20 calls."""
_OVERVIEW_CALLS = 45
_WHOLE_PAGES = 400
"""Of the log of a day, for groups that only the log knows: 20,000 entries, two minutes of calls."""
_SKEW = 60  # seconds
_CACHED_DAYS = 30


@frozen
class Question:
    """`seconds` back from `now` (since 1970), grouped by model, provider, day, hour, route, token or metadata.<key>.

    `log_seconds`: how far back the log is read, default as far as the sums.
    """

    now: int
    seconds: int = 7 * DAY
    by: str = "model"
    log_seconds: int | None = None

    @property
    def since(self) -> int:
        """Whole days from a day on, whole hours below."""
        unit = DAY if self.seconds >= DAY else HOUR
        return (self.now - self.seconds) // unit * unit

    @property
    def log_since(self) -> int:
        """The start of the log that is read."""
        return self.since if self.log_seconds is None else max(self.since, start_of_day(self.now - self.log_seconds))

    @property
    def is_of_log(self) -> bool:
        """Whether only the log has the answer."""
        return self.by not in groups.FROM_SUMS


def parse_question(now: int, since: str, by: str) -> Question:
    """The question of a command line. Raises UsageError."""
    seconds = now - parse_since(since, now)
    if not HOUR <= seconds <= MAX_DAYS * DAY:
        latest, earliest = format_timestamp(now - HOUR), format_timestamp(now - MAX_DAYS * DAY)
        message = f"--since: {since} is not from 1h to {MAX_DAYS}d ago"
        raise UsageError(message, f"For example 7d, or a time from {earliest} to {latest}")
    is_metadata = by.startswith(groups.METADATA) and by != groups.METADATA
    if by not in (*groups.FROM_SUMS, *groups.FROM_LOG) and not is_metadata:
        known = ", ".join((*groups.FROM_SUMS, *groups.FROM_LOG))
        raise UsageError(f"--by: {by} is unknown", f"Use one of {known}, or metadata.<key>")
    return Question(now, seconds, by)


def measure(project: Project, loaded: Loaded, accounts: Accounts | None, question: Question) -> Usage:
    """The usage of an environment, by calls to Cloudflare for what is not in the cache.

    Without `accounts` only the cache is read, which `gatewright usage` fills: no call, no token, finished days only.

    Raises:
        InvalidEnvironmentError: it has errors, or its account is not known.
        RefusedError: the token is not set, or may read neither analytics nor logs.
        CloudflareError: Cloudflare does not answer.
    """
    environment = require(loaded)
    source = _source(project, environment, accounts, question.now)
    since, until = question.since, question.now + HOUR  # this machine's clock may be behind
    days = -(-(until - since) // DAY)
    pages = _WHOLE_PAGES if question.is_of_log else min(_OVERVIEW_PAGES, max(2, _OVERVIEW_CALLS // days))
    collected = collect(
        source,
        min(since, _earliest_window(environment, question.now)),
        until,
        hourly=None if question.by == "hour" else _hourly_days(environment, question),
        log_since=question.log_since,
        log_pages=pages,
        with_neurons=WORKERS_AI in environment.providers,
    )
    reported: list[LimitUse] = []
    if accounts is not None and environment.local is None:
        reported, notes = openrouter_limits(environment.providers, os.environ, question.now)
        collected.notes += notes
    usage = _usage(loaded, Names(environment), question, collected, reported)
    recent = (limit for limit in read_limits(project, environment.name) if limit.time >= question.since)
    return replace(usage, reported=tuple(recent))


def cached_entries(project: Project, environment: Environment, now: int) -> Iterator[LogEntry]:
    """The log entries of the newest days that earlier calls of `gatewright usage` have kept. No call, no token."""
    source = _source(project, environment, None, now)
    for day in range(start_of_day(now) - _CACHED_DAYS * DAY, start_of_day(now), DAY):
        if log := day_log(source, day, day + DAY, 0):
            yield from log.entries


def _source(project: Project, environment: Environment, accounts: Accounts | None, now: int) -> Source:
    client = None
    if accounts is not None:
        if environment.local is None:
            deploying_token(environment)
        client = accounts.of(environment).client
    account = environment.account
    folder = None if environment.local else project.work / "usage" / account
    return Source(
        client,
        account,
        environment.gateway_name,
        environment.deploy_variable,
        now,
        DayCache(folder and folder / environment.gateway_name),
        DayCache(folder),
    )


def _hourly_days(environment: Environment, question: Question) -> set[int]:
    """The days in which the time of the question, or a limit, starts or ends."""
    rules = environment.gateway.spend_limits
    times = [question.now, question.now + HOUR, *(question.now - rule.limit.period for rule in rules)]
    return {start_of_day(time) for time in (*times, *([question.since] if question.since % DAY else []))}


def _earliest_window(environment: Environment, now: int) -> int:
    """The start of the longest period of the environment's limits."""
    providers = environment.providers.values()
    limits = [limit for provider in providers for limit in provider.limits]
    limits += [rule.limit for rule in environment.gateway.spend_limits]
    longest = max((limit.period for limit in limits), default=DAY)
    return min(month_start(now), now - longest) if longest > DAY else now - DAY


def _usage(
    loaded: Loaded, names: Names, question: Question, collected: Collected, reported: Sequence[LimitUse]
) -> Usage:
    environment, since, now = names.environment, question.since, question.now
    requests = [sums for sums in collected.requests if sums.hour >= since]
    limits = Limits(names, collected.requests, collected.neurons, listed_prices(loaded), now)
    models = groups.rows_of_sums("model", requests, collected.logs, names)
    if question.is_of_log:
        rows = groups.rows_of_log(question.by, collected.logs, names)
    else:
        rows = models if question.by == "model" else groups.rows_of_sums(question.by, requests, collected.logs, names)
    neurons = collected.neurons
    return Usage(
        environment=environment.name,
        gateway=environment.gateway_name,
        since=since,
        until=now,
        by=question.by,
        totals=groups.totals(requests),
        rows=rows,
        days=groups.days_of(requests, since, now),
        models=models,
        latency=groups.latency_of(collected.logs),
        steps=groups.route_steps(collected.logs, names),
        limits=(*limits.uses(), *reported),
        worth=tuple(limits.worth(since)),
        neurons=None if neurons is None else sum(row.neurons for row in neurons if row.hour >= since),
        log_entries=sum(len(log.entries) for log in collected.logs),
        log_total=sum(log.total for log in collected.logs),
        notes=(*collected.notes, *_notes(names, question, collected, limits)),
    )


def _notes(names: Names, question: Question, collected: Collected, limits: Limits) -> Iterator[str]:
    environment = names.environment
    read, total = sum(len(log.entries) for log in collected.logs), sum(log.total for log in collected.logs)
    requests = sum(sums.requests for sums in collected.requests if sums.hour >= question.since)
    if not environment.gateway.logs.collect:
        yield f"logs of {environment.name} are off (gateway.logs.collect): no latencies, routes, tokens and metadata"
    elif collected.logs and not total and requests:
        yield (
            f"the log has no entry, although Cloudflare counted {plural(requests, 'request')}: logs were off or "
            f"deleted, or the account was created on or after 2026-09-24: {IN_WORKERS_OBSERVABILITY}"
        )
    if read < total:
        yield f"latencies, routes, tokens and metadata are those of a sample: {read:,} of {total:,} log entries"
    unknown = {
        f"{sums.provider}/{sums.model}"
        for sums in collected.requests
        if sums.hour >= question.since and names.model(sums.provider, sums.model) is None
    }
    if unknown:
        yield f"not declared in {environment.name}: {', '.join(sorted(unknown))}"
    latest = max((entry.time for log in collected.logs for entry in log.entries), default=0)
    if latest > question.now + _SKEW:
        yield (
            f"the log has entries of {format_time(int(latest))}, which is ahead of this machine's clock "
            f"({format_time(question.now)}): hours and rates are off by as much"
        )
    if rules := limits.unmeasured_rules():
        yield f"spend rules that count by metadata are not measured: {', '.join(rules)}"
    if question.by == "token":
        yield "Cloudflare's log does not name tokens: they are those of the clients that send the same metadata"
    if question.by == "route":
        yield "Cloudflare's log does not name routes: they are those that have the same model at the same step"
