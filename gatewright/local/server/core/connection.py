"""Connections that a fault can reset without a response, and that end if no request arrives.

Of the connections whose request is not complete, only the newest MAX_INCOMPLETE stay open: however many are opened and
left, others are answered.
"""

from __future__ import annotations

import asyncio

import h11
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from gatewright.local.server.core.request_limits import HEADERS_WITHIN, MAX_INCOMPLETE

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}
_INCOMPLETE: dict[asyncio.Transport, None] = {}
"""The connections whose request is not complete, the oldest first."""


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, registered by the client's address while the connection is open."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport
        self._deadline: asyncio.TimerHandle | None = None
        self._expect_headers()
        self._drop_oldest()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_headers()
        self._drop_oldest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._drop_oldest()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _OPEN.pop(self.client, None)
        if self._deadline is not None:
            self._deadline.cancel()
        _INCOMPLETE.pop(self.transport, None)
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        """Close the connection unless the headers of a request are complete in time."""
        if self.conn.their_state is not h11.IDLE:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADERS_WITHIN, self.transport.close)

    def _drop_oldest(self) -> None:
        """Close the oldest connection with an incomplete request if this is one too many."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY) or self.transport.is_closing():
            _INCOMPLETE.pop(self.transport, None)
        elif self.transport not in _INCOMPLETE:
            _INCOMPLETE[self.transport] = None
            if len(_INCOMPLETE) > MAX_INCOMPLETE:
                oldest = next(iter(_INCOMPLETE))
                del _INCOMPLETE[oldest]
                oldest.abort()


def reset(scope: Scope) -> None:
    """Reset the connection of a request. The client gets no response."""
    transport = _OPEN.get(tuple(scope["client"]))
    if transport is not None:
        transport.abort()
