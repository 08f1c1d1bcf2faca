"""The ports of the local Cloudflare: one server listens on the port of each local environment."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

from gatewright.facts.local_cloudflare import LOCAL_HOST


def listening_socket(port: int) -> socket.socket:
    """A listening socket on the loopback address.

    Raises:
        OSError: the port cannot be used.
        OverflowError: `port` is not a port number.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY by it
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOCAL_HOST, port))
        listening.listen(128)
    except (OSError, OverflowError):
        listening.close()
        raise
    return listening


class Ports:
    """The ports that the server listens on; `serve` accepts connections from a further socket."""

    def __init__(self, numbers: list[int], serve: Callable[[socket.socket], Awaitable[None]]) -> None:
        self.numbers = numbers
        self._serve = serve

    async def add(self, port: int) -> None:
        """Listen on `port` too, unless it does already. Raises as `listening_socket`."""
        if port not in self.numbers:
            listening = listening_socket(port)
            self.numbers.append(port)
            await self._serve(listening)
