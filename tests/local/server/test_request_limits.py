"""Large bodies and half-open connections, without a credential."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from starlette.exceptions import HTTPException

from gatewright.local.server.core import request_limits
from gatewright.local.server.core.connection import Connection
from gatewright.local.server.core.request_limits import MAX_BODY, RequestLimitsMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send

    from gatewright.local.daemon import Running


def exchange(server: Running, request: bytes) -> bytes:
    """The first bytes that come back."""
    port = urlsplit(server.data_plane).port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        return connection.recv(1000)


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(server: Running) -> None:
    host = urlsplit(server.data_plane).netloc
    request = f"POST /v1/a/g/compat/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
    assert exchange(server, request.encode()).startswith(b"HTTP/1.1 413")


def messages(*parts: bytes, complete: bool = True) -> Iterator[Message]:
    for index, part in enumerate(parts):
        more = not complete or index + 1 < len(parts)
        yield {"type": "http.request", "body": part, "more_body": more}


def receive_all(sent: Iterator[Message]) -> int:
    """The number of bytes that an app behind the middleware receives."""
    total = 0

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        nonlocal total
        more = True
        while more:
            message = await receive()
            total += len(message["body"])
            more = message["more_body"]

    async def receive() -> Message:
        try:
            return next(sent)
        except StopIteration:
            await asyncio.sleep(60)
            raise

    async def send(_: Message) -> None: ...

    asyncio.run(RequestLimitsMiddleware(app)({"type": "http", "headers": []}, receive, send))
    return total


def test_a_body_up_to_the_limit_is_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "MAX_BODY", 10)
    assert receive_all(messages(b"12345", b"67890")) == 10


def test_a_body_that_grows_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "MAX_BODY", 10)
    with pytest.raises(HTTPException) as refused:
        receive_all(messages(b"123456", b"78901"))
    assert refused.value.status_code == 413


def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "BODY_WITHIN", 0.05)
    with pytest.raises(HTTPException) as refused:
        receive_all(messages(b"12345", complete=False))
    assert refused.value.status_code == 408


@pytest.mark.parametrize(
    "sent",
    [[b""], [b"GET / HTTP/1.1\r\nHost: "], [b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 300]],
    ids=["nothing", "half of the headers", "a header now and then"],
)
def test_a_connection_without_complete_headers_is_closed(sent: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatewright.local.server.core.connection.HEADERS_WITHIN", 0.1)

    async def drip(writer: asyncio.StreamWriter) -> None:
        for part in sent:
            writer.write(part)
            await asyncio.sleep(0.05)

    async def closed_after() -> bytes:
        from uvicorn import Config
        from uvicorn.server import ServerState

        async def app(_: Scope, __: Receive, ___: Send) -> None:
            raise AssertionError("no request is complete")

        config, state = Config(app, lifespan="off"), ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        dripping = asyncio.create_task(drip(writer))
        rest = await asyncio.wait_for(reader.read(), 10)
        dripping.cancel()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        server.close()
        return rest

    assert asyncio.run(closed_after()) == b""
