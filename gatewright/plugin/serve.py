"""The process of a plugin: a gRPC server on loopback that ends immediately on a signal.

The engine reads the port from the first line of standard output, and ends the plugin with SIGINT. A plugin that keeps
running costs every command five seconds, and makes `pulumi up --refresh` fail.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NoReturn

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

WATCH_PARENT = 1.0
"""Seconds between two checks whether the engine still runs."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),  # a state may exceed gRPC's default of four megabytes
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
]


def start(add_services: Callable[[grpc.Server], None], threads: ThreadPoolExecutor) -> tuple[grpc.Server, int]:
    """Start a server with the services that `add_services` adds; return it and its port, a free one of 127.0.0.1."""
    server = grpc.server(threads, options=_OPTIONS)
    add_services(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve(
    add_services: Callable[[grpc.Server], None], *, threads: int = 16, at_exit: Callable[[], None] | None = None
) -> NoReturn:
    """Serve the services that `add_services` adds, on a free port of 127.0.0.1.

    Prints the port as one line. On SIGINT, SIGTERM or the parent's death it calls `at_exit` and ends the process with
    exit code 0. `threads` is the maximum number of concurrent calls.
    """
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    parent = os.getppid()
    _, port = start(add_services, ThreadPoolExecutor(max_workers=threads))
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.wait(WATCH_PARENT) and os.getppid() == parent:
        pass
    if at_exit is not None:
        at_exit()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # an orderly exit would wait for running calls
