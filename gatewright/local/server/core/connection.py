"""Connections that a fault can reset without a response."""

from __future__ import annotations

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, registered by the client's address while the connection is open."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


def reset(scope: Scope) -> None:
    """Reset the connection of a request. The client gets no response."""
    transport = _OPEN.get(tuple(scope["client"]))
    if transport is not None:
        transport.abort()
