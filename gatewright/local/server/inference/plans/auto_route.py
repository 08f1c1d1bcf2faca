"""The Auto Router: cloudflare/auto at compat/chat/completions.

Documented: the headers, that they replace the default models, that an entry that matches no model is refused, that a
model that fails is followed by the next one. Guesses: the code of that error; the first model of the pool always fits
best here, whatever the session; models of providers that the gateway does not have are not in the pool.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatewright.facts import auto_router
from gatewright.facts.slugs import SLUGS
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import AiGatewayError, bad_format, no_response
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.plans.plan import CallProvider
from gatewright.local.server.inference.policies.retries import RetryPolicy
from gatewright.local.server.inference.providers.formats import CHAT
from gatewright.local.server.inference.providers.targets import Target


def pool_of(headers: Mapping[str, str]) -> list[str]:
    """The models that a request can get. Raises AiGatewayError 2019 for an entry that matches none."""
    models, providers = (
        _listed(headers.get(name)) for name in (auto_router.ALLOWED_MODELS, auto_router.ALLOWED_PROVIDERS)
    )
    pool = [model for model in auto_router.pool(models, providers) if auto_router.call_of(model)[0] in SLUGS]
    if auto_router.unmatched(models) or not pool:
        raise bad_format()
    return pool


def _listed(header: str | None) -> list[str]:
    return [entry.strip() for entry in (header or "").split(",") if entry.strip()]


@dataclass(slots=True)
class AutoRoute:
    """The models of a pool, one after the other until one answers."""

    body: Json
    pool: Sequence[str]
    retry: RetryPolicy
    headers: Mapping[str, str]
    last_called: Json = field(default_factory=dict)

    async def run(self, call: CallProvider) -> ModelResponse:
        """Return the first success, otherwise the last error, with headers that name the model."""
        last: ModelResponse | AiGatewayError = no_response()
        reason = "cost_optimal_within_pool" if len(self.pool) > 1 else "forced_by_candidate_pool"
        for name in self.pool:
            provider, model = auto_router.call_of(name)
            self.last_called = {"provider": provider, "model": model}
            target = Target(provider, "chat/completions", CHAT, {**self.body, "model": model})
            try:
                response = await call(target, self.retry, self.headers)
            except AiGatewayError as error:
                last = error
            else:
                decision = {"cf-aig-routing-reason": reason, "cf-aig-routing-decision-id": str(uuid.uuid4())}
                last = response.with_headers({"cf-aig-routed-model": name, **decision})
                if last.status < 400:
                    return last
            reason = "fallback_candidate_unavailable"
        if isinstance(last, AiGatewayError):
            raise last
        return last
