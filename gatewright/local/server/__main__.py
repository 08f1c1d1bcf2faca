"""The server process: `python -m gatewright.local.server FOLDER SOCKET`, started by gatewright.local.daemon.

SOCKET is the number of an inherited, listening socket. The lock file is inherited too; it stays locked until this
process ends, however it ends.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
from pathlib import Path

import uvicorn

from gatewright.errors import LocalCloudflareError
from gatewright.local.server.app import build
from gatewright.local.server.core.connection import Connection
from gatewright.local.server.core.store import Store


def main(folder: Path, listening: socket.socket) -> None:
    """Serve until SIGTERM."""
    try:
        store = Store(folder / "state.sqlite")
    except (LocalCloudflareError, sqlite3.Error) as error:
        sys.exit(str(error))
    config = uvicorn.Config(
        build(store, folder),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
