"""The response to a request, whether a provider, the cache or the gateway itself produced it."""

from __future__ import annotations

from dataclasses import replace

from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import Json


@frozen
class ModelResponse:
    """A whole response, with its content type in `headers`; a stream is split into its events when it is sent.

    `attempts`: calls to the provider, none for a cached response. `cost` in USD.
    """

    status: int
    headers: Json
    body: bytes
    cached: bool = False
    attempts: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0

    def with_headers(self, headers: Json) -> ModelResponse:
        """The response with further headers."""
        return replace(self, headers={**self.headers, **headers})

    def details(self) -> Json:
        """What the request log keeps of it."""
        if self.cached:
            return {"cache": "HIT"}
        return {"tokens_in": self.tokens_in, "tokens_out": self.tokens_out, "attempts": self.attempts}
