"""Calling a provider again when it fails: the request's headers before the gateway's settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import no_answer
from gatewright.local.server.inference.providers.echo_model import Reply, UnreachableError

MOST_ATTEMPTS = 5
LONGEST_DELAY = 60_000  # ms


@dataclass(frozen=True, slots=True)
class Plan:
    """attempts 1..5; delay and timeout in ms; backoff constant, linear or exponential."""

    attempts: int
    delay: int
    backoff: str
    timeout: int | None

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the failed `attempt`, counted from 1."""
        factors = {"linear": attempt, "exponential": 1 << (attempt - 1)}
        return self.delay * factors.get(self.backoff, 1) / 1000


def plan(headers: Mapping[str, str], gateway: Json) -> Plan:
    """How often and how fast to try; a header that is no number is as if it were not there."""
    attempts = _number(headers.get("cf-aig-max-attempts")) or gateway["retry_max_attempts"] or 1
    delay = _number(headers.get("cf-aig-retry-delay"))
    return Plan(
        attempts=min(attempts, MOST_ATTEMPTS),
        delay=min(gateway["retry_delay"] or 0 if delay is None else delay, LONGEST_DELAY),
        backoff=headers.get("cf-aig-backoff") or gateway["retry_backoff"] or "constant",
        timeout=_number(headers.get("cf-aig-request-timeout")),
    )


async def persist(retry: Plan, call: Callable[[], Awaitable[Reply]]) -> tuple[Reply, int]:
    """The first reply that is no failure, or the last one, and the number of calls; raises AigError 2005 for none."""
    attempt = 1
    while True:
        reply = await _once(retry, call)
        failed = reply is None or reply.status == 429 or reply.status >= 500
        if not failed or attempt >= retry.attempts:
            break
        await asyncio.sleep(retry.pause(attempt))
        attempt += 1
    if reply is None:
        raise no_answer()
    return reply, attempt


async def _once(retry: Plan, call: Callable[[], Awaitable[Reply]]) -> Reply | None:
    try:
        async with asyncio.timeout(retry.timeout / 1000 if retry.timeout else None):
            return await call()
    except (UnreachableError, TimeoutError):
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None
