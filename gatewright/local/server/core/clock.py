"""The server's clock, which tests can set, and Cloudflare's formats for times.

Token validity, creation dates, the cache, the windows of limits and the activation of secrets use it. After it is set
it runs on; a restart returns it to this machine's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class _Clock:
    offset: timedelta = timedelta()


_CLOCK = _Clock()


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC) + _CLOCK.offset


def epoch_seconds() -> float:
    """The current time, in seconds since 1970."""
    return now().timestamp()


def set_offset(offset: timedelta) -> None:
    """Set the clock relative to this machine's."""
    _CLOCK.offset = offset


def offset() -> timedelta:
    """How far the clock is ahead of this machine's."""
    return _CLOCK.offset


def in_seconds(time: datetime) -> str:
    """As in tokens: 2026-01-02T03:04:05Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_milliseconds(time: datetime) -> str:
    """As in gateways: 2026-01-02T03:04:05.678Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def timestamp() -> str:
    """The current time in milliseconds, for `created_at` and `modified_at`."""
    return in_milliseconds(now())


def parse(text: str) -> datetime:
    """Parse an RFC 3339 time. Raises ValueError."""
    return datetime.fromisoformat(text)
