"""One request to a gateway."""

from __future__ import annotations

from collections.abc import Mapping

from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import Json


@frozen
class Exchange:
    """The client, the gateway, and the request: `path` is below the gateway, `payload` is what a log may store.

    `authenticated`: the gateway requires a token, so one in Authorization is for the gateway.
    """

    account: str
    address: str
    gateway: Json
    authenticated: bool
    path: str
    headers: Mapping[str, str]
    metadata: Json
    payload: bytes

    @property
    def key(self) -> str:
        """Identifies the gateway."""
        return f"{self.account}/{self.gateway['id']}"
