"""One small question through the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from gatewright.environment.references import ModelName, RouteName
from gatewright.errors import GatewrightError, RefusedError
from gatewright.facts.slugs import SLUGS, Slug

if TYPE_CHECKING:
    from gatewright.environment.resolved import Client, Environment

NONE = Slug(compat=False)
QUESTION = "What is 2+2? Answer in one word."


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that went through the gateway; `took` in seconds. `by` is the model that a route chose."""

    asked: str
    by: str | None
    cached: bool
    took: float

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        return f"{self.asked} answered{by} in {self.took * 1000:.0f} ms{' from the cache' if self.cached else ''}"


def worth_asking(client: Client) -> RouteName | ModelName | None:
    """What shows most with one request: a route, or else the first model behind the compat endpoint."""
    routes = (name for name in client.models if isinstance(name, RouteName))
    models = (name for name in client.models if isinstance(name, ModelName) and SLUGS.get(name.provider, NONE).compat)
    return next(routes, None) or next(models, None)


def ask(environment: Environment, name: RouteName | ModelName, token: str) -> Answer:
    """One small question to a route or a model through the gateway.

    Raises RefusedError when the token is refused, GatewrightError for any other answer that is none.
    """
    model = str(name) if isinstance(name, RouteName) else f"{name.provider}/{environment.model_id(name)}"
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
    headers = response.headers
    by = f"{headers['cf-aig-provider']}/{headers['cf-aig-model']}" if "cf-aig-provider" in headers else None
    return Answer(str(name), by, headers.get("cf-aig-cache-status") == "HIT", response.elapsed.total_seconds())
