"""Keeps requests within what the gateway and its providers allow, over all environments that are asked together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from gatewright.environment.quantities import Quantity
    from gatewright.environment.resolved import Environment

LONGEST_WAIT = 120  # seconds: what a longer period allows no more is left unasked
_LOOK_AGAIN = 0.05  # seconds
_MARGIN = 0.1  # seconds, since the provider's clock counts when requests arrive


class UsedUpError(Exception):
    """The limit of a long period is used up by this run alone."""


class Slots:
    """One limit: as many requests at once as it allows; each one's place is free again a period after its end. For all
    threads, each with a loop of its own."""

    def __init__(self, limit: Quantity) -> None:
        self.limit = limit
        self._free = max(1, int(limit.amount))
        self._free_at: deque[float] = deque()
        self._lock = threading.Lock()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for a place, and holds it. Raises UsedUpError where that would take too long."""
        while not self._take():
            if self.limit.period > LONGEST_WAIT:
                raise UsedUpError(str(self.limit))
            await asyncio.sleep(_LOOK_AGAIN)
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


class Limits:
    """What the providers allow, for all environments of a run: those that have the same key share what it may."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Slots] = {}
        self._lock = threading.Lock()

    def of(self, environment: Environment) -> dict[str, list[Slots]]:
        """The environment's, by provider."""
        return {
            name: [self._slots(name, str(each.key), limit) for limit in each.limits if limit.unit == "requests"]
            for name, each in environment.providers.items()
        }

    def _slots(self, provider: str, key: str, limit: Quantity) -> Slots:
        with self._lock:
            return self._known.setdefault((provider, key, str(limit)), Slots(limit))


class Paces:
    """All limits on requests: the gateway's own, and those of each provider; at most `parallel` requests at once."""

    def __init__(self, environment: Environment, limits: Limits, parallel: int) -> None:
        self._parallel = asyncio.Semaphore(parallel)
        self._everyones = [Slots(environment.gateway.rate_limit.limit)] if environment.gateway.rate_limit else []
        self._providers = limits.of(environment)

    @asynccontextmanager
    async def turn(self, providers: Collection[str]) -> AsyncIterator[None]:
        """Waits until a request that may reach these providers can be sent. Raises UsedUpError.

        Places are taken in the same order by all, so that no two wait for each other.
        """
        async with AsyncExitStack() as stack:
            for name in sorted(providers):
                for slots in self._providers.get(name, ()):
                    await stack.enter_async_context(slots.taken())
            for slots in self._everyones:
                await stack.enter_async_context(slots.taken())
            await stack.enter_async_context(self._parallel)
            yield
