"""What a plugin has to say beside its answers: the engine shows it among a resource's diagnostics."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import grpc

from gatewright.plugin.protos import engine_pb2, engine_pb2_grpc

_PATIENCE = 5.0
"""Seconds for the engine to take a message; it is on this machine."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The engine at `address` (host:port, a plugin's first argument)."""

    address: str

    def inform(self, urn: str, message: str) -> None:
        """Show `message` with the resource; an engine that does not listen misses it, and nothing else."""
        request = engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=message)
        with suppress(grpc.RpcError), grpc.insecure_channel(self.address) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_PATIENCE)
