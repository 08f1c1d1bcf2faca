"""One small question through the gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from gatewright.cloudflare.slugs import CUSTOM_PREFIX
from gatewright.errors import GatewrightError, RefusedError

if TYPE_CHECKING:
    from gatewright.environment.references import ModelName
    from gatewright.environment.resolved import Environment

QUESTION = "What is 2+2? Answer in one word."


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that went through the gateway; `took` in seconds."""

    model: str
    cache: str
    took: float


def ask(environment: Environment, name: ModelName, token: str) -> Answer:
    """One small question to a model through the gateway.

    Raises RefusedError when the token is refused, GatewrightError for any other answer that is none.
    """
    custom = CUSTOM_PREFIX if environment.providers[name.provider].base_url else ""
    model = f"{custom}{name.provider}/{environment.model_id(name)}"
    started = time.monotonic()
    try:
        response = httpx.post(
            f"{environment.gateway_url}/compat/chat/completions",
            headers={"cf-aig-authorization": f"Bearer {token}"},
            json={"model": model, "messages": [{"role": "user", "content": QUESTION}]},
            timeout=60,
            trust_env=False,
        )
    except httpx.TransportError as error:
        raise GatewrightError(
            f"{environment.gateway_url} does not answer: {error}", "gatewright local status"
        ) from None
    if response.status_code in (401, 403):
        raise RefusedError(
            f"{environment.gateway_url} refuses the token ({response.status_code})", "It needs AI Gateway Run"
        )
    if response.is_error:
        raise GatewrightError(f"{name} answered {response.status_code}: {response.text[:200]}")
    return Answer(str(name), response.headers.get("cf-aig-cache-status", ""), time.monotonic() - started)
