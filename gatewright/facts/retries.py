"""When the gateway calls a provider again that failed. Guesses: which statuses are retried, and how delays grow."""

from __future__ import annotations

MAX_ATTEMPTS = 5


def is_retried(status: int | None) -> bool:
    """Whether the provider is called again after `status`; None for no response."""
    return status is None or status == 429 or status >= 500


def retry_pause(delay: int, backoff: str, attempt: int) -> float:
    """The seconds to wait after the failed `attempt`, which counts from 1; `delay` in ms."""
    factors = {"linear": attempt, "exponential": 1 << (attempt - 1)}
    return delay * factors.get(backoff, 1) / 1000
