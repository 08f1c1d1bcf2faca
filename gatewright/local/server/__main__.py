"""The server process: `python -m gatewright.local.server FOLDER SOCKET…`, started by gatewright.local.daemon.

SOCKET is the number of an inherited, listening socket. The lock file is inherited too; it stays locked until this
process ends, however it ends.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from gatewright.errors import LocalCloudflareError
from gatewright.local.server.app import build
from gatewright.local.server.core.connection import Connection
from gatewright.local.server.core.ports import Ports
from gatewright.local.server.core.request_limits import MAX_CONNECTIONS
from gatewright.local.server.core.store import Store


class Server(uvicorn.Server):
    """uvicorn's server, which can begin to listen on further sockets."""

    async def serve_socket(self, listening: socket.socket) -> None:
        """Accept connections from `listening` too, until the server ends."""

        def protocol() -> asyncio.Protocol:
            return Connection(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_server(protocol, sock=listening, backlog=self.config.backlog))


def main(folder: Path, sockets: Sequence[socket.socket]) -> None:
    """Serve until SIGTERM."""
    try:
        store = Store(folder / "state.sqlite")
    except (LocalCloudflareError, sqlite3.Error) as error:
        sys.exit(str(error))
    numbers = [listening.getsockname()[1] for listening in sockets]
    ports = Ports(numbers, lambda listening: server.serve_socket(listening))
    config = uvicorn.Config(
        build(store, folder, ports),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    server.run(sockets=[*sockets])


if __name__ == "__main__":
    main(Path(sys.argv[1]), [socket.socket(fileno=int(number)) for number in sys.argv[2:]])
