"""Ports for tests."""

from __future__ import annotations

import socket

from gatewright.facts.local_cloudflare import LOCAL_HOST


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCAL_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
