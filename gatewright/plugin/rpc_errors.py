"""Errors of a plugin as the one line that the engine shows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc

from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def rpc_errors(context: grpc.ServicerContext) -> Iterator[None]:
    """End the call with the message and hint of a GatewrightError. Other exceptions are defects and pass through."""
    try:
        yield
    except GatewrightError as error:
        context.abort(grpc.StatusCode.UNKNOWN, f"{error.message}: {error.hint}" if error.hint else error.message)
