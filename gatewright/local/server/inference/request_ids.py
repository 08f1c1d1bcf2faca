"""The ids in the headers of every response of a gateway."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping

from starlette.responses import Response

from gatewright.frozen import frozen
from gatewright.local.server.core import clock

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@frozen
class RequestIds:
    """`log` is the id of the gateway's log entry, `event` the client's own id where it sent one."""

    log: str
    event: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> RequestIds:
        """New ids for a request with these headers."""
        return cls(_ulid(), headers.get("cf-aig-event-id") or secrets.token_hex(16))

    def add_to(self, response: Response, *, cached: bool) -> Response:
        """The response with all headers that a gateway adds."""
        headers = response.headers
        headers["cf-aig-cache-status"] = "HIT" if cached else "MISS"
        headers["cf-aig-log-id"] = self.log
        headers["cf-aig-event-id"] = self.event
        headers["cf-aig-request-id"] = str(uuid.uuid4())
        headers["cf-aig-trace-id"] = secrets.token_hex(16)
        headers.setdefault("cf-aig-step", "0")
        return response


def _ulid() -> str:
    """26 characters that sort by time: 48 bits of milliseconds, 80 random bits."""
    number = int(clock.epoch_seconds() * 1000) << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> shift & 31] for shift in range(125, -1, -5))
