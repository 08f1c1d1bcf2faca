"""Limits with their counters, and when they were reached."""

from __future__ import annotations

import math

from gatewright.facts.gateway_policies import period_end
from gatewright.facts.windows import FIXED, SLIDING, amount_used, window_start
from gatewright.io.printable import plural


class Reached:
    """When a limit was reached. `place` and `text` name it: groq, 30 requests/minute.

    reason: why a call that it rejects does not get an answer.
    rejections, first: how many calls it rejected, and the time of the first (None: none).
    windows: the number of windows, of `interval` seconds, in which it rejected a call.
    """

    __slots__ = ("_last", "first", "interval", "place", "reason", "rejections", "text", "windows")

    def __init__(self, place: str, text: str, interval: int) -> None:
        self.place = place
        self.text = text
        self.interval = interval
        self.reason = f"{text} of {place}"
        self.rejections = 0
        self.windows = 0
        self.first: float | None = None
        self._last = -1

    def reject(self, now: float) -> None:
        """Note a rejected call."""
        self.rejections += 1
        window = int(now // self.interval)
        if window != self._last:
            self._last = window
            self.windows += 1
            if self.first is None:
                self.first = now


class Limit:
    """`bound` in windows of `interval` seconds: the amount of the current one, which ends at `end`, is `current`.

    closed_until: a fixed window that is used up stays so until its end.
    """

    __slots__ = ("_is_sliding", "_previous", "bound", "closed_until", "current", "end", "interval", "reached")

    def __init__(self, reached: Reached, bound: float, technique: str = FIXED) -> None:
        self.reached = reached
        self.bound = bound
        self.interval = reached.interval
        self.current: float = 0
        self.end = 0
        self.closed_until = 0
        self._previous: float = 0
        self._is_sliding = technique == SLIDING

    def admit(self, now: float) -> bool:
        """Count one request; False where the limit is reached."""
        if now < self.closed_until:
            self.reached.rejections += 1
            return False
        if now >= self.end:
            self.move(now)
        used = self._used(now) if self._previous else self.current
        if used + 1 > self.bound:
            self._reject(now)
            return False
        self.current += 1
        return True

    def is_open(self, now: float) -> bool:
        """Whether anything is left; nothing is counted."""
        if now < self.closed_until:
            self.reached.rejections += 1
            return False
        if now >= self.end:
            self.move(now)
        if (self._used(now) if self._previous else self.current) >= self.bound:
            self._reject(now)
            return False
        return True

    def add(self, now: float, amount: float) -> None:
        """Count `amount`."""
        if now >= self.end:
            self.move(now)
        self.current += amount

    def move(self, now: float) -> None:
        """Start the window of `now`."""
        start = window_start(now, self.interval)
        self._previous = self.current if self._is_sliding and start == self.end else 0
        self.current = 0
        self.end = start + self.interval

    def _reject(self, now: float) -> None:
        self.reached.reject(now)
        if not self._is_sliding:
            self.closed_until = self.end

    def _used(self, now: float) -> float:
        return amount_used(self.current, self._previous, now - self.end + self.interval, self.interval)


class CalendarCounter:
    """What was spent in the current calendar period, in UTC, which ends at `end`."""

    __slots__ = ("_period", "current", "end")

    def __init__(self, period: str) -> None:
        self.current: float = 0
        self.end = 0
        self._period = period

    def spent(self, now: float) -> float:
        """The amount of the period of `now`."""
        if now >= self.end:
            self.current, self.end = 0, period_end(self._period, now)
        return self.current


class PolicyBudget:
    """A budget of a gateway policy. Policies with the same actor and resource share a counter."""

    __slots__ = ("_amount", "_counter", "reached")

    def __init__(self, reached: Reached, amount: float, counter: CalendarCounter) -> None:
        self.reached = reached
        self._amount = amount
        self._counter = counter

    def is_open(self, now: float) -> bool:
        """Whether anything is left; nothing is counted."""
        if self._counter.spent(now) < self._amount:
            return True
        self.reached.reject(now)
        return False

    def add(self, now: float, amount: float) -> None:
        """Count `amount`."""
        self._counter.current = self._counter.spent(now) + amount


class KeyedLimit:
    """A limit that is counted for each key separately."""

    __slots__ = ("_bound", "_limits", "_technique", "reached")

    def __init__(self, reached: Reached, bound: float, technique: str = FIXED) -> None:
        self.reached = reached
        self._bound = bound
        self._technique = technique
        self._limits: dict[str, Limit] = {}

    def of(self, key: str) -> Limit:
        """The limit of one key."""
        limit = self._limits.get(key)
        if limit is None:
            limit = self._limits[key] = Limit(self.reached, self._bound, self._technique)
        return limit


class ProviderLimit:
    """A limit that a provider enforces, in fixed windows: what a call and each of its tokens count."""

    __slots__ = ("limit", "per_call", "per_token_in", "per_token_out")

    def __init__(self, limit: Limit, per_call: int, per_token_in: float = 0, per_token_out: float = 0) -> None:
        self.limit = limit
        self.per_call = per_call
        self.per_token_in = per_token_in
        self.per_token_out = per_token_out
        if per_call:
            limit.bound = math.floor(limit.bound)  # so that it is reached where nothing is left, as the others


class Slots:
    """At most `amount` calls of a provider at the same time. Rejections are noted by minute."""

    __slots__ = ("amount", "reached", "used")

    def __init__(self, provider: str, amount: int) -> None:
        self.amount = amount
        self.used = 0
        self.reached = Reached(provider, plural(amount, "concurrent request"), 60)
