"""Retries of a provider that fails. The request's headers override the gateway's settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from gatewright.facts.retries import MAX_ATTEMPTS, is_retried, retry_pause
from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import no_response
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.providers.echo_model import UnreachableError

MAX_DELAY = 60_000  # ms


@frozen
class RetryPolicy:
    """attempts 1..5; delay and timeout in ms; backoff constant, linear or exponential."""

    attempts: int
    delay: int
    backoff: str
    timeout: int | None

    def pause(self, attempt: int) -> float:
        """The seconds to wait after the failed `attempt`, which counts from 1."""
        return retry_pause(self.delay, self.backoff, attempt)


def policy(headers: Mapping[str, str], gateway: Json) -> RetryPolicy:
    """The policy of a request. A header that is not a number is ignored."""
    attempts = _number(headers.get("cf-aig-max-attempts")) or gateway["retry_max_attempts"] or 1
    delay = _number(headers.get("cf-aig-retry-delay"))
    return RetryPolicy(
        attempts=min(attempts, MAX_ATTEMPTS),
        delay=min(gateway["retry_delay"] or 0 if delay is None else delay, MAX_DELAY),
        backoff=headers.get("cf-aig-backoff") or gateway["retry_backoff"] or "constant",
        timeout=_number(headers.get("cf-aig-request-timeout")),
    )


async def with_retries(retry: RetryPolicy, call: Callable[[], Awaitable[ModelResponse]]) -> ModelResponse:
    """The first success, otherwise the last failure. Raises AiGatewayError 2005 for no response."""
    attempt = 1
    while True:
        response = await _call(retry, call)
        if not is_retried(response.status if response else None) or attempt >= retry.attempts:
            break
        await asyncio.sleep(retry.pause(attempt))
        attempt += 1
    if response is None:
        raise no_response()
    return replace(response, attempts=attempt)


async def _call(retry: RetryPolicy, call: Callable[[], Awaitable[ModelResponse]]) -> ModelResponse | None:
    try:
        async with asyncio.timeout(retry.timeout / 1000 if retry.timeout else None):
            return await call()
    except (UnreachableError, TimeoutError):
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else None
