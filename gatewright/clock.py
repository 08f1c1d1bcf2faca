"""The moment that a command works with: read once, and handed to the program, which the engine runs twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatewright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = "GATEWRIGHT_NOW"
"""The variable that holds it: RFC 3339."""


def now(variables: Mapping[str, str]) -> int:
    """NOW of `variables`, else this machine's clock; seconds since 1970. Raises UsageError for what is no moment."""
    written = variables.get(NOW)
    return seconds(written, NOW) if written else int(datetime.now(UTC).timestamp())


def seconds(text: str, what: str = "a moment") -> int:
    """Seconds since 1970 of an RFC 3339 moment; fractions are dropped. Raises UsageError, which names `what`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(f"{what} is {text}, which is no moment", "Write it like 2026-12-01T00:00:00Z")
    return int(moment.timestamp())


def moment(seconds: int) -> str:
    """2026-12-01T00:00:00Z, as Cloudflare takes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: int) -> str:
    """2026-12-01, with the time where it is not midnight."""
    text = moment(seconds)
    return text.removesuffix("T00:00:00Z")


def shown(seconds: int) -> str:
    """2026-12-01 12:30 UTC, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
