"""The grammar of durations (`500ms`, `5m`, `30d`) and quantities (`40 requests/minute`, `5 USD/day`)."""

from __future__ import annotations

import re

from gatewright.clock import parse_timestamp
from gatewright.errors import UsageError
from gatewright.frozen import frozen

MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
PERIODS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000}

DURATION_PATTERN = r"^([0-9]{1,15})(ms|s|m|h|d)$"
UNITS = ("requests", "tokens", "neurons", "USD")


def quantity_pattern(units: tuple[str, ...] = UNITS) -> str:
    """The pattern of a quantity in one of `units`."""
    unit_words = "|".join(f"{unit}?" if unit.endswith("s") else unit for unit in units)
    amount = r"([0-9][0-9_]{0,17}(?:\.[0-9]{1,6})?)"
    return rf"^{amount} ?({unit_words})/(?:([1-9][0-9]{{0,5}}) )?(second|minute|hour|day|week|month)s?$"


QUANTITY_PATTERN = quantity_pattern()


@frozen
class Duration:
    """A length of time; `text` as written in the file."""

    milliseconds: int
    text: str

    @property
    def seconds(self) -> int:
        return self.milliseconds // 1_000

    def __str__(self) -> str:
        return self.text


@frozen
class Quantity:
    """`amount` of `unit` per `period` in seconds (a month has 30 days); `text` as written in the file."""

    amount: float
    unit: str
    period: int
    text: str

    def __str__(self) -> str:
        return self.text


def parse_duration(text: str) -> Duration | None:
    """Parse `5m`; None for text that is not a duration."""
    match = re.fullmatch(DURATION_PATTERN, text)
    return Duration(int(match[1]) * MILLISECONDS[match[2]], text) if match else None


def parse_since(text: str, now: int) -> int:
    """The time that --since names, in seconds since 1970: `7d` before `now`, a date, a timestamp.

    Raises:
        UsageError: it is none of these.
    """
    duration = parse_duration(text)
    if duration is not None:
        return max(0, now - duration.seconds)
    try:
        return parse_timestamp(text)
    except UsageError:
        message = f"--since: expected a duration, a date or an RFC 3339 timestamp, found {text}"
        raise UsageError(message, "For example 15m, 7d, 2026-12-01 or 2026-12-01T00:00:00Z") from None


def parse_quantity(text: str) -> Quantity | None:
    """Parse `40 requests/minute` or `600 requests/5 minutes`; None for text that is not a quantity."""
    match = re.fullmatch(QUANTITY_PATTERN, text)
    if not match:
        return None
    unit = match[2] if match[2] == "USD" else f"{match[2].removesuffix('s')}s"
    return Quantity(float(match[1].replace("_", "")), unit, int(match[3] or 1) * PERIODS[match[4]], text)


def duration_text(milliseconds: int) -> str:
    """`5m`: in the largest unit of which it is a whole number."""
    unit, size = next((unit, size) for unit, size in reversed(MILLISECONDS.items()) if milliseconds % size == 0)
    return f"{milliseconds // size}{unit}"


def period_text(seconds: int) -> str:
    """`minute`, `5 minutes`: the part of a quantity after the slash."""
    unit, size = next((unit, size) for unit, size in reversed(PERIODS.items()) if seconds % size == 0)
    return unit if seconds == size else f"{seconds // size} {unit}s"


def amount_text(value: float) -> str:
    """The number of a quantity: 5, 0.25."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def quantity_text(amount: float, unit: str, seconds: int) -> str:
    """`600 requests/5 minutes`, `1 request/day`."""
    return f"{amount_text(amount)} {unit.removesuffix('s') if amount == 1 else unit}/{period_text(seconds)}"
