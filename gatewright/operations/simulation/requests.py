"""The requests of a load."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.operations.simulation.limits import Limit, PolicyBudget


NO_METADATA: Mapping[str, Any] = MappingProxyType({})


@contextmanager
def without_collections() -> Iterator[None]:
    """Pause the garbage collector, which would visit each of a million requests again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(slots=True)
class Request:
    """One request of a client, with what the run notes about it.

    time: its arrival, in seconds since 1970.
    target: a route (dynamic/fast), a role or a model.
    pace: its latency relative to the median.
    prompt: equal prompts to one model get equal responses from the cache; None: it equals no other.
    event: what decides about shares, as cf-aig-event-id; None: each share is drawn.
    steps, reason: the models called so far, and why the last one did not answer.
    charged: the limits in USD of its route, to which answers are charged.
    budgets: the gateway's budgets to which the answer of the current call is charged.
    """

    time: float
    target: str
    tokens_in: int
    tokens_out: int
    pace: float = 1.0
    prompt: object = None
    metadata: Mapping[str, Any] | None = None
    event: str | None = None
    steps: int = 0
    reason: str = ""
    charged: tuple[Limit, ...] = ()
    budgets: tuple[PolicyBudget | Limit, ...] = ()
