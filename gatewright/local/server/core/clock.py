"""The server's clock, which tests can set, and time as Cloudflare writes it.

Whatever has a date follows it: validity and dates of tokens, when things were made, the cache, windows of limits, and
when a secret becomes active. Set, it runs on from there; it goes back to this machine's time with a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class _Clock:
    ahead: timedelta = timedelta()


_CLOCK = _Clock()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + _CLOCK.ahead


def timestamp() -> float:
    """This moment, in seconds since 1970."""
    return now().timestamp()


def set_ahead(by: timedelta) -> None:
    """Puts the clock ahead of this machine's, or behind it."""
    _CLOCK.ahead = by


def ahead() -> timedelta:
    """How far the clock is ahead of this machine's."""
    return _CLOCK.ahead


def seconds(moment: datetime) -> str:
    """As tokens carry it: 2026-01-02T03:04:05Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(moment: datetime) -> str:
    """As gateways carry it: 2026-01-02T03:04:05.678Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """What `seconds` wrote, or any RFC 3339 time."""
    return datetime.fromisoformat(text)
