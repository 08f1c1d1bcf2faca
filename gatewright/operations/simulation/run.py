"""The events of a simulation in the order of time: arrivals, the ends of calls, and further attempts."""

from __future__ import annotations

import heapq
import itertools
import random
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gatewright.operations.simulation.requests import Request
    from gatewright.operations.simulation.tally import Tally

    Handler = Callable[["Request", float, int], "Step | None"]


class Step(Protocol):
    """A step of a request."""

    def enter(self, request: Request, now: float) -> Step | None:
        """Take the step; return the next one, or None where the request ends or waits for an event."""


class Run:
    """One simulation. `cache_ttl` is in seconds, 0 without a cache; `draws` decides about shares and failures."""

    def __init__(self, tally: Tally, seed: int, cache_ttl: int = 0) -> None:
        self.tally = tally
        self.draws = random.Random(f"{seed}/run")  # noqa: S311  not a secret
        self.cache_ttl = cache_ttl
        self._cache: dict[tuple[str, object], float] = {}
        self._events: list[tuple[float, int, Handler, Request, int]] = []
        self._order = itertools.count()

    def play(self, load: Iterable[Request], entries: Mapping[str, Step]) -> None:
        """Run all requests of `load`, which is in the order of time, to their ends."""
        events = self._events
        for request in load:
            now = request.time
            while events and events[0][0] <= now:
                self._next()
            step: Step | None = entries[request.target]
            while step is not None:
                step = step.enter(request, now)
        while events:
            self._next()

    def schedule(self, when: float, handler: Handler, request: Request, attempt: int = 0) -> None:
        """Call `handler` at `when`, after what was scheduled for that time before."""
        heapq.heappush(self._events, (when, next(self._order), handler, request, attempt))

    def is_cached(self, model: str, prompt: object, now: float) -> bool:
        """Whether the cache has the model's response."""
        return self._cache.get((model, prompt), 0) > now

    def keep(self, model: str, prompt: object, now: float) -> None:
        """Cache the model's response."""
        self._cache[model, prompt] = now + self.cache_ttl

    def _next(self) -> None:
        now, _, handler, request, attempt = heapq.heappop(self._events)
        step = handler(request, now, attempt)
        while step is not None:
            step = step.enter(request, now)
