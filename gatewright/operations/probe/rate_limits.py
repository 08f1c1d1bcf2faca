"""Keep probe requests within the limits of the gateway and its providers, across all environments of a run."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.quantities import Quantity
    from gatewright.environment.resolved import Environment

MAX_WAIT = 120  # seconds; requests beyond a limit with a longer period are not sent
_POLL_INTERVAL = 0.05  # seconds
_MARGIN = 0.1  # seconds: the provider counts when a request arrives


class LimitExhaustedError(Exception):
    """This run alone has used up the limit of a long period."""


class RateLimit:
    """One limit: at most `limit.amount` requests within any `limit.period`. Event loops of several threads share it."""

    def __init__(self, limit: Quantity) -> None:
        self.limit = limit
        self._free = max(1, int(limit.amount))
        self._free_at: deque[float] = deque()
        self._lock = threading.Lock()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        """Wait until a request is allowed; it counts until one period after the context exits.

        Raises LimitExhaustedError if the period is longer than `MAX_WAIT`.
        """
        while not self._take():
            if self.limit.period > MAX_WAIT:
                raise LimitExhaustedError(str(self.limit))
            await asyncio.sleep(_POLL_INTERVAL)
        try:
            yield
        finally:
            with self._lock:
                self._free_at.append(time.monotonic() + self.limit.period + _MARGIN)

    def _take(self) -> bool:
        with self._lock:
            while self._free_at and self._free_at[0] <= time.monotonic():
                self._free_at.popleft()
                self._free += 1
            if not self._free:
                return False
            self._free -= 1
            return True


class ProviderLimits:
    """The limits of all providers in a run; environments that use the same key share them."""

    def __init__(self) -> None:
        self._limits: dict[tuple[str, str, str], RateLimit] = {}
        self._lock = threading.Lock()

    def of(self, environment: Environment) -> dict[str, list[RateLimit]]:
        """The request limits of an environment's providers, by provider."""
        return {
            name: [self._shared(name, provider, limit) for limit in provider.limits if limit.unit == "requests"]
            for name, provider in environment.providers.items()
        }

    def _shared(self, name: str, provider: Provider, limit: Quantity) -> RateLimit:
        with self._lock:
            return self._limits.setdefault((name, str(provider.key), str(limit)), RateLimit(limit))


class RequestThrottle:
    """The limits of one environment: of its gateway, of each provider, and at most `parallel` requests at a time."""

    def __init__(self, environment: Environment, limits: ProviderLimits, parallel: int) -> None:
        self._parallel = asyncio.Semaphore(parallel)
        self._gateway = [RateLimit(environment.gateway.rate_limit.limit)] if environment.gateway.rate_limit else []
        self._providers = limits.of(environment)

    @asynccontextmanager
    async def acquire(self, providers: Collection[str]) -> AsyncIterator[None]:
        """Wait until a request that may reach these providers is allowed.

        All requests acquire limits in the same order, so no two wait for each other.

        Raises LimitExhaustedError if a limit with a long period is used up.
        """
        async with AsyncExitStack() as stack:
            for name in sorted(providers):
                for limit in self._providers.get(name, ()):
                    await stack.enter_async_context(limit.acquire())
            for limit in self._gateway:
                await stack.enter_async_context(limit.acquire())
            await stack.enter_async_context(self._parallel)
            yield
