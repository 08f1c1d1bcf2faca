"""Messages of a plugin, which the engine shows among the diagnostics of a resource."""

from __future__ import annotations

from contextlib import suppress

import grpc

from gatewright.frozen import frozen
from gatewright.plugin.protos import engine_pb2, engine_pb2_grpc

_TIMEOUT = 5.0
"""Seconds for the engine to accept a message; it is on this machine."""


@frozen
class EngineLog:
    """The log of the engine at `address` (host:port, a plugin's first argument)."""

    address: str

    def info(self, urn: str, message: str) -> None:
        """Show `message` with the resource. A message that the engine does not accept is lost."""
        request = engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=message)
        with suppress(grpc.RpcError), grpc.insecure_channel(self.address) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_TIMEOUT)
