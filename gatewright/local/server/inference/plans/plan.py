"""What a request calls: one provider, a list of providers with fallback, or (in route_run) a dynamic route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import AiGatewayError, no_response
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.policies.retries import RetryPolicy
from gatewright.local.server.inference.providers.targets import Target

CallProvider = Callable[[Target, RetryPolicy, Mapping[str, str]], Awaitable[ModelResponse]]

LONGEST_NAME = 200  # characters of a model's name in the logs


class CallPlan(Protocol):
    """What to call, in which order."""

    @property
    def last_called(self) -> Json:
        """The provider and model that were called last, for the logs."""

    async def run(self, call: CallProvider) -> ModelResponse:
        """Call the providers and return the response. Raises AiGatewayError."""


@dataclass(slots=True)
class SingleCall:
    """One provider."""

    target: Target
    retry: RetryPolicy
    headers: Mapping[str, str]

    @property
    def last_called(self) -> Json:
        """Its provider and model."""
        return {"provider": self.target.provider, "model": str(self.target.body.get("model"))[:LONGEST_NAME]}

    async def run(self, call: CallProvider) -> ModelResponse:
        """Return its response, also an error."""
        return await call(self.target, self.retry, self.headers)


@dataclass(slots=True)
class FallbackCalls:
    """The list of the universal endpoint: after any error the next provider is called."""

    steps: list[SingleCall]
    last_called: Json = field(default_factory=dict)

    async def run(self, call: CallProvider) -> ModelResponse:
        """Return the first success, otherwise the last error, with cf-aig-step."""
        last: ModelResponse | AiGatewayError = no_response()
        for number, step in enumerate(self.steps):
            self.last_called = {**step.last_called, "step": number}
            try:
                response = await step.run(call)
            except AiGatewayError as error:
                last = error
                continue
            last = response.with_headers({"cf-aig-step": str(number)})
            if last.status < 400:
                return last
        if isinstance(last, AiGatewayError):
            raise last
        return last
