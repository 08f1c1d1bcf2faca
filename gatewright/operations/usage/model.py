"""The result of `usage`: frozen values, without prompts, responses or secrets.

`usage.measure` returns one `Usage` for each environment. `days` and `models` are always filled; `rows` are those of
`--by`. Times are in seconds since 1970 (days and hours in UTC), costs in USD, latencies in milliseconds, shares from 0
to 1 (a limit's above 1 where it is exceeded). Names of models are `provider/model` of the environment file, or what
Cloudflare reports for a model that the environment does not declare. All names come from outside: escape them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.operations.reported_limits import KeptLimit


@frozen
class Totals:
    """Sums over requests. `cost` is in USD, as Cloudflare reports it."""

    requests: int = 0
    cached: int = 0
    errors: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0

    @property
    def cached_share(self) -> float:
        """The share of requests that the cache answered."""
        return self.cached / self.requests if self.requests else 0.0

    @property
    def error_share(self) -> float:
        """The share of requests that failed."""
        return self.errors / self.requests if self.requests else 0.0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.requests + other.requests,
            self.cached + other.cached,
            self.errors + other.errors,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.cost + other.cost,
        )


@frozen
class Latency:
    """Durations in milliseconds of the requests that the cache did not answer."""

    p50: float
    p95: float


@frozen
class Row:
    """The sums of one name: a model, a day (2026-11-28), an hour (2026-11-28 12:00), a route, a token, …"""

    name: str
    totals: Totals
    latency: Latency | None = None


@frozen
class RouteStep:
    """How often a route was answered by its step `step` (0 is the first model), or failed there.

    `route` is several names (`fast or bulk`) where the log fits more than one; calls of the same model outside routes
    are included in step 0.
    """

    route: str
    step: int
    model: str
    requests: int
    share: float


@frozen
class LimitUse:
    """How much of a limit is used. `subject`: `groq`, `groq/gpt-oss-20b` or `spend rule daily`; `limit` as in the file.

    `start` and `end` bound its current period. `gone_at` is when it is, or was, used up at the rate of this period;
    None where it lasts until `end`. `is_estimate`: computed from tokens instead of measured.
    A budget without a known period has `start` equal to `end`.
    """

    subject: str
    limit: str
    unit: str
    used: float
    amount: float
    start: int
    end: int
    gone_at: int | None = None
    is_estimate: bool = False

    @property
    def share(self) -> float:
        """Used of the amount: 0.25 for a quarter, above 1 where the limit is exceeded."""
        return self.used / self.amount if self.amount else float(self.used > 0)


@frozen
class Worth:
    """The paid price in USD of what was used of a provider's free plan since `Usage.since`."""

    provider: str
    usd: float


@frozen
class Usage:
    """The usage of one environment for since <= time < until.

    `days` has every day, also those without requests. `neurons` are those of the whole account, None where they are not
    known. `notes` say what is missing or uncertain, one sentence each. `log_entries` of `log_total` were read for
    latencies, steps and the groups that only the log knows. `reported` are the limits that providers reported
    to `verify` since then.
    """

    environment: str
    gateway: str
    since: int
    until: int
    by: str
    totals: Totals
    rows: tuple[Row, ...]
    days: tuple[Row, ...]
    models: tuple[Row, ...]
    latency: Latency | None
    steps: tuple[RouteStep, ...]
    limits: tuple[LimitUse, ...]
    worth: tuple[Worth, ...]
    neurons: float | None
    log_entries: int
    log_total: int
    notes: tuple[str, ...]
    reported: tuple[KeptLimit, ...] = ()

    def beyond(self, share: float | None) -> tuple[LimitUse, ...]:
        """The limits of which at least `share` is used; none for None."""
        return () if share is None else tuple(use for use in self.limits if use.share >= share)
