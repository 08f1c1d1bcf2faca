"""Connections that can be cut without an answer, for faults that reset."""

from __future__ import annotations

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1, known by the client's address for as long as it is open."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> None:
    """Resets the connection of a request: the client sees no answer at all."""
    transport = _OPEN.get(tuple(scope["client"]))
    if transport is not None:
        transport.abort()
