"""How Cloudflare counts over time, for rate limits, spend limits and the limits of routes.

Observed: fixed windows are aligned to the epoch; sliding ones add the previous window, weighted by the part of it that
still counts.
"""

from __future__ import annotations

FIXED, SLIDING = "fixed", "sliding"


def window_start(now: float, interval: int) -> int:
    """The start of the window of `now`, in seconds since 1970."""
    return int(now // interval) * interval


def amount_used(current: float, previous: float, elapsed: float, interval: int) -> float:
    """The amount that counts `elapsed` seconds into a window; `previous` is 0 where windows are fixed."""
    return current + previous * (1 - elapsed / interval)
