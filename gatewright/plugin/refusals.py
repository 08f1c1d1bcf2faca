"""What a plugin refuses on purpose, as the one line that the engine shows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc

from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refusals(context: grpc.ServicerContext) -> Iterator[None]:
    """End the call with a GatewrightError's message and hint; anything else is a defect and stays one."""
    try:
        yield
    except GatewrightError as error:
        context.abort(grpc.StatusCode.UNKNOWN, f"{error.message}: {error.hint}" if error.hint else error.message)
