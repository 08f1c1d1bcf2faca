"""One request to a gateway, as everything behind the gateway's door sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.local.server.core.envelope import Json


@dataclass(frozen=True, slots=True)
class Exchange:
    """Who asks which gateway for what: `path` is below the gateway, `payload` what a log may keep of the body.

    `authenticated`: a token was asked for, so that one in Authorization is the gateway's.
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
        """Tells the gateway from all others."""
        return f"{self.account}/{self.gateway['id']}"
