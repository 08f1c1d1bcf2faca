"""Loads from a rate: `600/h`, spread over the day."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect
from collections import deque
from dataclasses import field
from itertools import accumulate
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from gatewright.clock import HOUR
from gatewright.frozen import frozen
from gatewright.operations.simulation.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

SECONDS = {"s": 1, "second": 1, "min": 60, "minute": 60, "h": 3_600, "hour": 3_600, "d": 86_400, "day": 86_400}
FLAT = (1.0,) * 24
SHAPES = {
    "flat": FLAT,
    "day": tuple(1 - 0.8 * math.cos((hour - 2) * math.pi / 12) for hour in range(24)),
    "office": tuple(2.4 if 8 <= hour < 18 else 0.0 for hour in range(24)),
}
"""The rate of each hour of a day, in UTC, relative to the mean. `day` has its peak at 14:00 and a tenth of it at 02:00,
`office` only the hours from 08:00 to 18:00."""
PACE = 0.5
_BITS = 12
_QUANTILES = 1 << _BITS


def parse_rate(text: str) -> float | None:
    """Requests a second of `600/h` or `10/min`; None for text that is not a rate."""
    match = re.fullmatch(r"([0-9][0-9_,]*(?:\.[0-9]+)?)/(" + "|".join(SECONDS) + ")", text)
    if match is None:
        return None
    return float(match[1].replace("_", "").replace(",", "")) / SECONDS[match[2]]


@frozen
class RateLoad:
    """Requests at random times with `rate` requests a second on average, drawn from `seed`.

    start, seconds: the period, in seconds since 1970. shape: the relative rate of each hour of the day.
    targets: what is called, with the share of each. tokens: the means in and out. spread: the standard deviation of the
    logarithm of tokens, and pace that of latencies.
    """

    rate: float
    start: int
    seconds: int
    targets: Mapping[str, float]
    seed: int = 0
    shape: Sequence[float] = SHAPES["day"]
    tokens: tuple[float, float] = (5_000, 500)
    spread: float = 0.8
    pace: float = PACE

    def __iter__(self) -> Iterator[Request]:
        draws = random.Random(f"{self.seed}/load")  # noqa: S311  not a secret
        bits, mask, shift = draws.getrandbits, _QUANTILES - 1, 2 * _BITS
        tokens_in, tokens_out = (
            [max(1, int(count)) for count in _log_normal(mean, self.spread)] for mean in self.tokens
        )
        paces = _log_normal(1, self.pace, is_median=True)
        target, pick = next(iter(self.targets)), self._picker(draws)
        for now in self._times(draws):
            if pick is not None:
                target = pick()
            drawn = bits(3 * _BITS)
            yield Request(
                now, target, tokens_in[drawn & mask], tokens_out[drawn >> _BITS & mask], paces[drawn >> shift]
            )

    def _picker(self, draws: random.Random) -> Callable[[], str] | None:
        """Draws the target of a request; None if there is only one."""
        if len(self.targets) == 1:
            return None
        names, bounds = list(self.targets), list(accumulate(self.targets.values()))
        return lambda: names[bisect(bounds, draws.random() * bounds[-1], hi=len(names) - 1)]

    def _times(self, draws: random.Random) -> Iterator[float]:
        """The times of a Poisson process whose rate changes every hour."""
        log, draw = math.log, draws.random
        now, end = float(self.start), self.start + self.seconds
        hour_end = (self.start // HOUR + 1) * HOUR
        rate = self.rate * self.shape[self.start // HOUR % 24]
        while True:
            expected = -log(1 - draw())
            while rate * (hour_end - now) < expected:
                expected -= rate * (hour_end - now)
                now = hour_end
                if now >= end:
                    return
                rate = self.rate * self.shape[hour_end // HOUR % 24]
                hour_end += HOUR
            now += expected / rate
            if now >= end:
                return
            yield now


@frozen
class VariedLoad:
    """A load whose requests get prompts and metadata.

    repeats: the share of requests that repeat one of the last prompts; 0: no two prompts are equal.
    metadata: for each key the values, equally frequent.
    sent: for each target the metadata of those who send requests to it, equally frequent; `metadata` is added.
    """

    load: RateLoad
    repeats: float = 0
    metadata: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sent: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def start(self) -> int:
        return self.load.start

    @property
    def seconds(self) -> int:
        return self.load.seconds

    @property
    def targets(self) -> Collection[str]:
        return self.load.targets

    def __iter__(self) -> Iterator[Request]:
        return self._varied() if self.repeats or self.metadata or self.sent else iter(self.load)

    def _varied(self) -> Iterator[Request]:
        draws = random.Random(f"{self.load.seed}/vary")  # noqa: S311  not a secret
        recent: deque[object] = deque(maxlen=RECENT)
        for number, request in enumerate(self.load):
            if self.repeats:
                request.prompt = draws.choice(recent) if recent and draws.random() < self.repeats else number
                recent.append(request.prompt)
            if sent := self.sent.get(request.target):
                request.metadata = sent[0] if len(sent) == 1 else draws.choice(sent)
            if self.metadata:
                drawn = {key: draws.choice(values) for key, values in self.metadata.items()}
                request.metadata = {**request.metadata, **drawn} if request.metadata else drawn
            yield request


@frozen
class RecordedLoad:
    """Requests of a file or of a gateway's logs, in the order of time."""

    requests: Sequence[Request]
    start: int
    seconds: int
    targets: Collection[str]

    def __iter__(self) -> Iterator[Request]:
        return iter(self.requests)


RECENT = 100
"""How many of the last prompts a repeated one is drawn from."""


def _log_normal(mean: float, spread: float, *, is_median: bool = False) -> list[float]:
    """Quantiles of a log-normal distribution, by rank."""
    location = math.log(mean) - (0 if is_median else spread**2 / 2)
    normal = NormalDist(location, spread) if spread else None
    return [math.exp(normal.inv_cdf((rank + 0.5) / _QUANTILES)) if normal else mean for rank in range(_QUANTILES)]


def draw_paces(draws: random.Random) -> Iterator[float]:
    """Paces of requests, without end."""
    paces = _log_normal(1, PACE, is_median=True)
    while True:
        yield paces[draws.getrandbits(_BITS)]
