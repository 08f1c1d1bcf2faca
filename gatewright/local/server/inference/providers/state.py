"""What providers are told to be: which keys they take, and how many requests. Gone with a restart."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json


def fingerprint(key: str) -> str:
    """What is kept and shown of a key: enough to tell it from another."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(slots=True)
class ProviderState:
    """One provider: `accepts` None: any key but those it `refuses`; `requests` None: as many as you like, else so many
    in `period` seconds, in windows aligned to the epoch. Keys by their fingerprints."""

    accepts: frozenset[str] | None = None
    refuses: frozenset[str] = frozenset()
    requests: int | None = None
    period: int = 86_400
    window: int = 0
    used: int = 0

    @classmethod
    def of(cls, order: Json) -> ProviderState:
        """From the body of PUT /__local__/providers."""
        accepts = order.get("accepts")
        return cls(
            accepts=None if accepts is None else _fingerprints(accepts),
            refuses=_fingerprints(order.get("refuses", ())),
            requests=order.get("requests"),
            period=order.get("period", 86_400),
        )

    def shown(self, provider: str) -> Json:
        """For GET /__local__/providers."""
        return {
            "provider": provider,
            "accepts": None if self.accepts is None else sorted(self.accepts),
            "refuses": sorted(self.refuses),
            "requests": self.requests,
            "period": self.period,
            "used": self.used,
        }


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A provider's own limit is used up: what it says, and the seconds until it begins anew."""

    message: str
    retry_after: int


class Providers:
    """All that was told, by the provider's slug."""

    def __init__(self) -> None:
        self.told: dict[str, ProviderState] = {}

    def takes(self, provider: str, key: str) -> bool:
        """Whether the provider accepts a key."""
        told = self.told.get(provider)
        if told is None:
            return True
        mark = fingerprint(key)
        return mark not in told.refuses and (told.accepts is None or mark in told.accepts)

    def count(self, provider: str) -> Exhausted | None:
        """Counts one request to the provider, unless its limit is used up."""
        told = self.told.get(provider)
        if told is None or told.requests is None:
            return None
        now = clock.timestamp()
        window = int(now // told.period)
        if window != told.window:
            told.window, told.used = window, 0
        if told.used < told.requests:
            told.used += 1
            return None
        ends = (window + 1) * told.period
        until = clock.seconds(datetime.fromtimestamp(ends, UTC))
        what = f"{told.requests} requests per {_PERIODS.get(told.period, f'{told.period} seconds')}"
        return Exhausted(f"Rate limit reached: {what} used until {until}", int(ends - now) + 1)


_PERIODS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}


def _fingerprints(keys: Collection[str]) -> frozenset[str]:
    return frozenset(fingerprint(key) for key in keys)
