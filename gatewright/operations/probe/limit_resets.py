"""When a limit that a response reports resets."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.facts.slugs import WORKERS_AI

if TYPE_CHECKING:
    from gatewright.operations.probe.transport import Response

_WINDOW = re.compile(r"per (\d{1,8})s, (fixed|sliding)")
_RESET_HEADERS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset")


def limit_reset(provider: str, message: str, response: Response | None, now: int) -> str:
    """When a limit resets, as far as the response says."""
    headers = response.headers if response else {}
    if moment := _retry_after(headers.get("retry-after", ""), now):
        return f"at {clock.format_time(moment)}" if moment > now else "now"
    if (window := _WINDOW.search(message)) and int(window[1]):
        period = int(window[1])
        ends = (now // period + 1) * period
        return f"at {clock.format_time(ends)}" if window[2] == "fixed" else f"gradually, within {period} s"
    if provider == WORKERS_AI and "neuron" in message.lower():
        tomorrow = clock.start_of_day(now + clock.DAY)  # its days begin at 00:00 UTC [docs]
        return f"at {clock.format_time(tomorrow)}"
    resets = (_ratelimit_reset(headers.get(header, "")) for header in _RESET_HEADERS)
    return next(filter(None, resets), "at the end of its period")


def _ratelimit_reset(text: str) -> str | None:
    """When a limit resets by x-ratelimit-reset.

    Providers send a duration such as 2m59s or 60, or a time in seconds or milliseconds since 1970.
    """
    if re.fullmatch(r"\d{1,13}(\.\d{1,9})?", text, re.ASCII):
        number = float(text)
        if number > 1e9:
            return f"at {clock.format_time(int(number / 1000 if number > 1e12 else number))}"
        return f"after {text} s"
    return f"after {text}" if re.fullmatch(r"[0-9hmsd.]{1,20}", text) else None


def _retry_after(text: str, now: int) -> int | None:
    """The time that Retry-After gives: seconds from now, or a date [RFC 9110]."""
    if re.fullmatch(r"\d{1,8}(\.\d{1,9})?", text, re.ASCII):
        return now + int(float(text)) + ("." in text)
    try:
        return int(parsedate_to_datetime(text).astimezone(UTC).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
