"""Limits of a request that hold before anything of it is interpreted, its credential included."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 32 * 2**20
"""Bytes of a request's body."""
BODY_WITHIN = 60.0
"""Seconds that a client may take for a body."""
HEADERS_WITHIN = 10.0
"""Seconds that a client may take for the headers of a request."""
MAX_INCOMPLETE = 250
"""Open connections whose request is not complete; with a further one the oldest is closed."""
MAX_CONNECTIONS = 500
"""Open connections; a further one is answered with 503."""


class RequestLimitsMiddleware:
    """Answers 413 to a body above MAX_BODY, declared or sent, and 408 to one that does not arrive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if declared_length(scope) > MAX_BODY:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        received, is_complete = 0, False
        deadline = asyncio.get_running_loop().time() + BODY_WITHIN

        async def limited() -> Message:
            nonlocal received, is_complete
            if is_complete:
                return await receive()  # only waits for the end of the connection
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"connection": "close"}) from None
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > MAX_BODY:
                raise HTTPException(413, headers={"connection": "close"})
            return message

        await self._app(scope, limited, send)


def declared_length(scope: Scope) -> int:
    """The content-length of a request; 0 where it has none. h11 has refused those that are not numbers."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)
