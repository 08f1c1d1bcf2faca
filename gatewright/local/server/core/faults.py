"""Injected faults: the n-th matching call gets another response, a part of it, or none. A restart removes them."""

from __future__ import annotations

import asyncio
import fnmatch
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.local.server.core import connection

CONTROL, INFERENCE, UPSTREAM = "control", "inference", "upstream"
PIECES = 10
PATHS = {re.compile(r"/v1/|/client/v4/accounts/[^/]+/ai/"): INFERENCE, re.compile(r"/client/v4/"): CONTROL}


@dataclass(slots=True)
class Fault:
    """Which calls fail, and how.

    on: "control" (/client/v4), "inference" (/v1 and the REST form), or "upstream" (a provider behind the gateway).
    name: to remove this fault and keep the others.
    method, path, provider, model: patterns (`*`) of the calls; provider and model apply to upstream only.
    nth, times: the first matching call that fails, and how many fail.
    delay_ms: wait first; without status and reset the call then continues.
    status, headers: send this response, with `body` as JSON or with `text` as it is. reset: cut the connection. With
    `after`, both after the call is done.
    keep: send only the first bytes of the call's own response; with reset, cut the connection after them.
    drip_ms: send the call's own response in ten pieces, and wait before each.
    kind: "retired", "paid", "unknown" or "exhausted": upstream only, the provider refuses the model in its own words.
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
    text: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    reset: bool = False
    after: bool = False
    keep: int | None = None
    drip_ms: float = 0
    seen: int = 0

    def matches(self, on: str, method: str, path: str, provider: str, model: str) -> bool:
        """Whether the fault applies to a call."""
        pairs = ((method, self.method), (path, self.path), (provider, self.provider), (model, self.model))
        return on == self.on and all(fnmatch.fnmatchcase(value, pattern) for value, pattern in pairs)

    @property
    def replaces_response(self) -> bool:
        """Whether it replaces the response; otherwise it only delays or changes it."""
        return self.status is not None or (self.reset and self.keep is None)

    @property
    def changes_response(self) -> bool:
        """Whether it sends the call's own response in part, or slowly."""
        return self.keep is not None or self.drip_ms > 0

    def response(self) -> Response:
        """The response of the fault."""
        if self.text is not None:
            return Response(self.text, self.status or 500, self.headers)
        return JSONResponse(self.body, self.status or 500, self.headers)


class Faults:
    """The injected faults, the oldest first."""

    def __init__(self) -> None:
        self.injected: list[Fault] = []

    def take(self, on: str, method: str, path: str, provider: str = "", model: str = "") -> Fault | None:
        """The fault of this call; every fault that matches counts the call."""
        due = None
        for fault in self.injected:
            if fault.matches(on, method, path, provider, model):
                fault.seen += 1
                if due is None and fault.nth <= fault.seen < fault.nth + fault.times:
                    due = fault
        return due


class FaultMiddleware:
    """Applies the faults of the control plane and of inference."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._due(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay_ms / 1000)
        if not fault.replaces_response:
            await self._app(scope, receive, _Changed(fault, scope, send) if fault.changes_response else send)
            return
        if fault.after:
            await self._app(scope, receive, _discard)
        scope["state"].setdefault("details", {})["fault"] = "reset" if fault.reset else "answer"
        if fault.reset:
            connection.reset(scope)
        await fault.response()(scope, receive, send)

    def _due(self, scope: Scope) -> Fault | None:
        plane = next((plane for begins, plane in PATHS.items() if begins.match(scope["path"])), "")
        return self._faults.take(plane, scope["method"], scope["path"])


async def _discard(message: Message) -> None:
    """Drop a response that the fault replaces."""


class _Changed:
    """Receives the response of a call, and sends a part of it, or all of it slowly."""

    def __init__(self, fault: Fault, scope: Scope, send: Send) -> None:
        self._fault, self._scope, self._send = fault, scope, send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._respond()

    async def _respond(self) -> None:
        fault, body = self._fault, self._body[: self._fault.keep]
        self._scope["state"].setdefault("details", {})["fault"] = "slow" if fault.drip_ms else "cut"
        length = len(self._body) if fault.reset else len(body)
        headers = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(length).encode()))
        await self._send({**self._start, "headers": headers})
        size = max(1, -(-len(body) // PIECES)) if fault.drip_ms else max(1, len(body))
        for begin in range(0, len(body), size):
            await asyncio.sleep(fault.drip_ms / 1000)
            await self._send({"type": "http.response.body", "body": body[begin : begin + size], "more_body": True})
        if fault.reset:
            connection.reset(self._scope)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
