"""The sockets on which the local Cloudflare listens."""

from __future__ import annotations

import asyncio
import socket

from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.local.server.core.ports import listening_socket


def test_the_body_of_an_answer_does_not_wait_until_the_client_has_acknowledged_the_headers() -> None:
    async def accepted_connection() -> int:
        loop = asyncio.get_running_loop()
        made: asyncio.Future[asyncio.BaseTransport] = loop.create_future()

        class Protocol(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                made.set_result(transport)

        listening = listening_socket(0)
        port = listening.getsockname()[1]
        async with await loop.create_server(Protocol, sock=listening):
            _, writer = await asyncio.open_connection(LOCAL_HOST, port)
            transport = await made
            no_delay: int = transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            transport.abort()  # type: ignore[attr-defined]
            writer.close()
        return no_delay

    assert asyncio.run(accepted_connection())
