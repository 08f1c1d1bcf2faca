"""The API's own rate limit: 1,200 calls in 5 minutes per token; beyond it every call gets 429 for 5 minutes.

Counted in memory, so a restart resets it. https://developers.cloudflare.com/fundamentals/api/reference/limits/
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gatewright.local.server.core.envelope import too_many_requests

QUOTA = 1200
WINDOW = 300  # seconds


@dataclass(slots=True)
class _Window:
    start: float
    calls: int = 0
    blocked: bool = False


class ApiQuota:
    """The calls of each token in its current window."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def count(self, token: str, now: float) -> dict[str, str]:
        """Count one call at `now` (seconds) and return the headers to send. Raises ApiError beyond the quota."""
        window = self._windows.get(token)
        if window is None or now >= window.start + WINDOW:
            window = self._windows[token] = _Window(now)
        window.calls += 1
        if window.calls > QUOTA and not window.blocked:
            window.start, window.blocked = now, True
        ends_in = math.ceil(window.start + WINDOW - now)
        if window.blocked:
            raise too_many_requests(ends_in)
        return headers(QUOTA - window.calls, ends_in)

    def clear(self) -> None:
        """Forget all calls."""
        self._windows.clear()


def headers(left: int = QUOTA, ends_in: int = WINDOW) -> dict[str, str]:
    """The headers of every response: the calls left, and the seconds until the window ends."""
    return {
        "Ratelimit": f'"default";r={left};t={ends_in}',
        "Ratelimit-Policy": f'"default";q={QUOTA};w={WINDOW}',
    }
