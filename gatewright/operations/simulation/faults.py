"""Failures of providers, in the terms of the local Cloudflare's faults."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.facts.retries import is_retried

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

EXHAUSTED = "exhausted"
KINDS = ("retired", "paid", "unknown", EXHAUSTED)


@dataclass(slots=True)
class Fault:
    """Which calls fail, and how.

    provider, model: patterns (`*`) of the slug and of the model's id or name.
    nth, times: the first matching call that fails, and how many fail (None: all that follow).
    start, end: from when until when, in seconds since 1970.
    share: the part of the matching calls that fails, 0 to 1.
    delay_ms: the call takes longer; without status, kind and reset it then continues.
    status, kind, reset: an HTTP status, a refusal in the provider's words, no response.
    """

    provider: str = "*"
    model: str = "*"
    nth: int = 1
    times: int | None = None
    start: float = 0
    end: float = float("inf")
    share: float = 1
    delay_ms: float = 0
    status: int | None = None
    kind: str = ""
    reset: bool = False
    seen: int = 0

    def matches(self, providers: Sequence[str], models: Sequence[str]) -> bool:
        """Whether it applies to a model; its provider and it are known by these names."""
        pairs = ((providers, self.provider), (models, self.model))
        return all(any(fnmatch.fnmatchcase(name, pattern) for name in names) for names, pattern in pairs)

    @property
    def reason(self) -> str:
        """Why a call fails; empty where it is only slow."""
        return self.kind or ("no response" if self.reset else f"status {self.status}" if self.status else "")

    @property
    def is_retried(self) -> bool:
        """Whether the gateway calls the provider again."""
        if self.kind:
            return self.kind == EXHAUSTED
        return is_retried(None if self.reset else self.status)


def take(faults: Sequence[Fault], now: float, draws: random.Random) -> Fault | None:
    """The fault of this call; every fault that matches counts the call."""
    due = None
    for fault in faults:
        if not fault.start <= now < fault.end:
            continue
        fault.seen += 1
        is_due = fault.nth <= fault.seen and (fault.times is None or fault.seen < fault.nth + fault.times)
        if is_due and due is None and (fault.share >= 1 or draws.random() < fault.share):
            due = fault
    return due
