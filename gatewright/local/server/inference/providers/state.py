"""The providers as a test configured them: which keys they accept, and how many requests. A restart resets them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json

_DAY = 86_400
_PERIODS = {1: "second", 60: "minute", 3600: "hour", _DAY: "day"}


def fingerprint(key: str) -> str:
    """The stored and shown form of a key: enough to distinguish it from others."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(slots=True)
class ProviderState:
    """One provider; keys as fingerprints.

    accepts: the keys it accepts; None: all except those it `refuses`.
    requests: how many requests in `period` seconds, in windows aligned to the epoch; None: any number.
    """

    accepts: frozenset[str] | None = None
    refuses: frozenset[str] = frozenset()
    requests: int | None = None
    period: int = _DAY
    window: int = 0
    used: int = 0

    @classmethod
    def of(cls, body: Json) -> ProviderState:
        """Create it from the body of PUT /__local__/providers."""
        accepts = body.get("accepts")
        return cls(
            accepts=None if accepts is None else _fingerprints(accepts),
            refuses=_fingerprints(body.get("refuses", ())),
            requests=body.get("requests"),
            period=body.get("period", _DAY),
        )

    def shown(self, provider: str) -> Json:
        """The form of GET /__local__/providers."""
        return {
            "provider": provider,
            "accepts": None if self.accepts is None else sorted(self.accepts),
            "refuses": sorted(self.refuses),
            "requests": self.requests,
            "period": self.period,
            "used": self.used,
        }


@frozen
class Exhausted:
    """A provider's own limit is used up: its message, and the seconds until the next window."""

    message: str
    retry_after: int


class Providers:
    """The configured providers, by slug."""

    def __init__(self) -> None:
        self.states: dict[str, ProviderState] = {}

    def accepts(self, provider: str, key: str) -> bool:
        """Whether the provider accepts a key."""
        state = self.states.get(provider)
        if state is None:
            return True
        mark = fingerprint(key)
        return mark not in state.refuses and (state.accepts is None or mark in state.accepts)

    def count(self, provider: str) -> Exhausted | None:
        """Count one request to the provider, unless its limit is used up."""
        state = self.states.get(provider)
        if state is None or state.requests is None:
            return None
        now = clock.epoch_seconds()
        window = int(now // state.period)
        if window != state.window:
            state.window, state.used = window, 0
        if state.used < state.requests:
            state.used += 1
            return None
        ends = (window + 1) * state.period
        until = clock.in_seconds(datetime.fromtimestamp(ends, UTC))
        limit = f"{state.requests} requests per {_PERIODS.get(state.period, f'{state.period} seconds')}"
        return Exhausted(f"Rate limit reached: {limit} used until {until}", int(ends - now) + 1)


def _fingerprints(keys: Collection[str]) -> frozenset[str]:
    return frozenset(fingerprint(key) for key in keys)
