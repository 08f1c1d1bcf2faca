"""Failures to order: the n-th call of a kind gets an error, a delay, or no answer at all. Gone with a restart."""

from __future__ import annotations

import asyncio
import fnmatch
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.local.server.core.connection import cut

CONTROL, INFERENCE, UPSTREAM = "control", "inference", "upstream"
PATHS = {re.compile(r"/v1/|/client/v4/accounts/[^/]+/ai/"): INFERENCE, re.compile(r"/client/v4/"): CONTROL}


@dataclass(slots=True)
class Fault:
    """What is to fail, and how.

    on: "control" (/client/v4), "inference" (/v1 and the REST form), or "upstream" (a provider behind the gateway).
    name: by which it can be taken back, and the others stay.
    method, path, provider, model: patterns of the calls meant (`*`); the last two count upstream only.
    nth, times: from the nth such call on, so many calls fail.
    delay_ms: wait first; with nothing else the call then goes on as usual.
    status, body, headers: answer this; reset: cut the connection. Both after the call is done when `after` is set.
    """

    on: str
    name: str = ""
    method: str = "*"
    path: str = "*"
    provider: str = "*"
    model: str = "*"
    nth: int = 1
    times: int = 1
    delay_ms: float = 0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    after: bool = False
    seen: int = 0

    def matches(self, on: str, method: str, path: str, provider: str, model: str) -> bool:
        """Whether a call is of the kind meant."""
        pairs = ((method, self.method), (path, self.path), (provider, self.provider), (model, self.model))
        return on == self.on and all(fnmatch.fnmatchcase(value, pattern) for value, pattern in pairs)

    @property
    def answers(self) -> bool:
        """Whether it replaces the answer (else it only delays)."""
        return self.reset or self.status is not None

    def response(self) -> Response:
        """The answer ordered."""
        return JSONResponse(self.body, self.status or 500, self.headers)


class Faults:
    """The failures ordered, in the order of their coming."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []

    def take(self, on: str, method: str, path: str, provider: str = "", model: str = "") -> Fault | None:
        """The fault that this call gets; every fault that means the call counts it."""
        due = None
        for fault in self.ordered:
            if fault.matches(on, method, path, provider, model):
                fault.seen += 1
                if due is None and fault.nth <= fault.seen < fault.nth + fault.times:
                    due = fault
        return due


class Faulty:
    """An app whose calls fail as ordered."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._due(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay_ms / 1000)
        if not fault.answers:
            await self._app(scope, receive, send)
            return
        if fault.after:
            await self._app(scope, receive, _swallow)
        scope["state"].setdefault("details", {})["fault"] = "reset" if fault.reset else "answer"
        if fault.reset:
            cut(scope)
        await fault.response()(scope, receive, send)

    def _due(self, scope: Scope) -> Fault | None:
        plane = next((plane for begins, plane in PATHS.items() if begins.match(scope["path"])), "")
        return self._faults.take(plane, scope["method"], scope["path"])


async def _swallow(message: Message) -> None:
    """An answer that nobody gets."""
