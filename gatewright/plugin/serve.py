"""The process around a plugin: a gRPC server on loopback that ends at once when it is told to.

The engine reads the port from the first line of standard output, speaks to it, and ends the plugin with SIGINT; one
that lingers costs every command five seconds, and makes `pulumi up --refresh` fail.
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
"""Seconds between two looks at whether the engine is still there."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),  # a state may be larger than gRPC's four megabytes
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
]


def serve(
    add_services: Callable[[grpc.Server], None], *, threads: int = 16, at_exit: Callable[[], None] | None = None
) -> NoReturn:
    """Serve what `add_services` adds, on a free port of 127.0.0.1, until SIGINT, SIGTERM or the parent's death.

    Prints the port as a line of its own, then does not return: the process ends with 0, after `at_exit`. `threads` is
    how many calls run at the same time.
    """
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    parent = os.getppid()
    server = grpc.server(ThreadPoolExecutor(max_workers=threads), options=_OPTIONS)
    add_services(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.wait(WATCH_PARENT) and os.getppid() == parent:
        pass
    if at_exit is not None:
        at_exit()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # an orderly exit would wait for the calls still running
