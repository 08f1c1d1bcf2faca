"""Keeps requests within what the gateway and its providers allow."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from gatewright.environment.quantities import Quantity
    from gatewright.environment.resolved import Environment

LONGEST_WAIT = 120  # seconds: what a longer period allows no more is left unasked
_MARGIN = 0.1  # seconds, since the provider's clock counts when requests arrive


class UsedUpError(Exception):
    """The limit of a long period is used up by this run alone."""


@dataclass(frozen=True, slots=True)
class Slots:
    """One limit: as many requests at once as it allows; each one's place is free again a period after its end."""

    limit: Quantity
    free: asyncio.Semaphore

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for a place, and holds it. Raises UsedUpError where that would take too long."""
        if self.limit.period > LONGEST_WAIT and self.free.locked():
            raise UsedUpError(str(self.limit))
        await self.free.acquire()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(self.limit.period + _MARGIN, self.free.release)


class Paces:
    """All limits on requests: the gateway's own, and those of each provider; at most `parallel` requests at once."""

    def __init__(self, environment: Environment, parallel: int) -> None:
        self._parallel = asyncio.Semaphore(parallel)
        self._everyones = [_slots(environment.gateway.rate_limit.limit)] if environment.gateway.rate_limit else []
        self._providers = {
            name: [_slots(limit) for limit in each.limits if limit.unit == "requests"]
            for name, each in environment.providers.items()
        }

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


def _slots(limit: Quantity) -> Slots:
    return Slots(limit, asyncio.Semaphore(max(1, int(limit.amount))))
