"""The time that a command works with. It is read once and passed on to the program, which the engine runs twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatewright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = "GATEWRIGHT_NOW"
"""The variable that replaces this machine's clock."""
HOUR = 3_600
DAY = 24 * HOUR
"""Seconds."""


def now(variables: Mapping[str, str]) -> int:
    """The time in NOW of `variables`, or this machine's clock, in seconds since 1970.

    Raises:
        UsageError: the variable is not a timestamp.
    """
    text = variables.get(NOW)
    return parse_timestamp(text, NOW) if text else int(datetime.now(UTC).timestamp())


def today(variables: Mapping[str, str]) -> str:
    """The day of `now`: 2026-12-01."""
    return day_of(now(variables))


def parse_timestamp(text: str, source: str = "timestamp") -> int:
    """Parse a date (its midnight in UTC) or an RFC 3339 timestamp: seconds since 1970, without fractions.

    Raises:
        UsageError: it is neither; the message starts with `source`.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is not None and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        time = time.replace(tzinfo=UTC)
    if time is None or time.tzinfo is None:
        message = f"{source}: expected a date or an RFC 3339 timestamp, found {text}"
        raise UsageError(message, "For example 2026-12-01 or 2026-12-01T00:00:00Z")
    return int(time.timestamp())


def format_timestamp(seconds: int) -> str:
    """2026-12-01T00:00:00Z, the form of Cloudflare's API."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_date(seconds: int) -> str:
    """2026-12-01 at midnight, 2026-12-01T12:30:00Z at other times."""
    return format_timestamp(seconds).removesuffix("T00:00:00Z")


def format_milliseconds(seconds: float) -> str:
    """2026-12-01T00:00:00.000Z, the form of the times in a gateway's log."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(seconds: int) -> str:
    """The day in UTC: 2026-12-01."""
    return format_timestamp(seconds)[:10]


def start_of_day(seconds: int) -> int:
    """00:00 UTC of the day of `seconds`."""
    return seconds // DAY * DAY


def format_time(seconds: int) -> str:
    """2026-12-01 12:30 UTC, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
