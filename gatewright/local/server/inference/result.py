"""What a request ends with, whether a provider, the cache or the gateway itself gave it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gatewright.local.server.core.envelope import Json


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer whole; `attempts` calls were made for it, none when it was `cached`; `cost` in USD."""

    status: int
    headers: Json
    body: bytes
    cached: bool = False
    attempts: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0

    def saying(self, headers: Json) -> Answered:
        """With these headers too."""
        return replace(self, headers={**self.headers, **headers})

    def details(self) -> Json:
        """What the request log keeps of it."""
        if self.cached:
            return {"cache": "HIT"}
        return {"tokens_in": self.tokens_in, "tokens_out": self.tokens_out, "attempts": self.attempts}
