"""Run a dynamic route: from `start` along the outputs to a model that answers, or to `end`.

Documented: the elements, and that a model's fallback is taken after its retries and its timeout, and when its spend
limit is used up. Observed: the operators, and that a custom provider in a route fails with 2005. Guesses: any error of
a provider counts as a failure, also a missing key; requests without a limit's key share one count; a limit's windows
are fixed; a route that reaches `end` from a limit returns 429, one from a model returns that model's error.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from gatewright.facts import windows
from gatewright.facts.route_conditions import holds, value_of
from gatewright.facts.route_graph import CONDITIONAL, END, MODEL, PERCENTAGE, RATE
from gatewright.facts.route_steps import FAILED, PASSED, RouteStep, can_route, link, pick_share, share_point
from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import AiGatewayError, no_response, rate_limited
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.plans.plan import CallProvider
from gatewright.local.server.inference.policies import counters
from gatewright.local.server.inference.policies.retries import RetryPolicy
from gatewright.local.server.inference.providers.formats import CHAT
from gatewright.local.server.inference.providers.targets import Target


@frozen
class RouteRequest:
    """One request to a route. `key` identifies the route; equal `event`s get equal shares."""

    key: str
    elements: list[Json]
    body: Json
    headers: Mapping[str, str]
    metadata: Json
    event: str

    @classmethod
    def of(cls, key: str, elements: list[Json], body: Json, exchange: Exchange) -> RouteRequest:
        """Create it from the exchange, with a new event where the client sent no cf-aig-event-id."""
        event = exchange.headers.get("cf-aig-event-id") or secrets.token_hex(16)
        return cls(key, elements, body, exchange.headers, exchange.metadata, event)


@dataclass(slots=True)
class RouteRun:
    """One run. `steps` counts the models called so far; their cost is charged to the budgets in `charged`."""

    request: RouteRequest
    store: Store
    delay: int  # ms between two attempts of one model
    steps: int = 0
    last_called: Json = field(default_factory=dict)
    charged: list[tuple[str, int]] = field(default_factory=list)

    async def run(self, call: CallProvider) -> ModelResponse:
        """Return the response of the first model that succeeds, with headers that name it. Raises AiGatewayError."""
        step = link(self.request.elements)
        last: ModelResponse | AiGatewayError = no_response()
        while step.kind != END:
            if step.kind == MODEL:
                last = await self._model(step, call)
                if isinstance(last, ModelResponse) and last.status < 400:
                    return last
                output = FAILED
            else:
                output = self._output(step)
                if step.kind == RATE and output == FAILED:
                    last = rate_limited()
            step = step.outputs[output]
        if isinstance(last, AiGatewayError):
            raise last
        return last

    def _output(self, step: RouteStep) -> str:
        request = self.request
        match step.kind:
            case str(kind) if kind == CONDITIONAL:
                conditions = step.properties.get("conditions") or {}
                return (
                    "true" if holds(conditions, request.metadata, Headers(request.headers), request.body) else "false"
                )
            case str(kind) if kind == PERCENTAGE:
                return pick_share(list(step.outputs), share_point(request.event, step.id))
            case str(kind) if kind == RATE:
                return PASSED if self._within(step.id, step.properties) else FAILED
        return "next"

    def _within(self, element: str, limit: Mapping[str, Any]) -> bool:
        counted_by = value_of(limit["key"], self.request.metadata, Headers(self.request.headers), self.request.body)
        key, window = f"{self.request.key}/{element}/{json.dumps(counted_by)}", max(1, int(limit["window"]))
        if limit["limitType"] == "count":
            return counters.admit(self.store, key, limit["limit"], window, windows.FIXED, clock.epoch_seconds())
        if counters.used(self.store, key, window, clock.epoch_seconds()) >= limit["limit"]:
            return False
        self.charged.append((key, window))
        return True

    async def _model(self, step: RouteStep, call: CallProvider) -> ModelResponse | AiGatewayError:
        properties = step.properties
        provider, model = properties["provider"], properties["model"]
        if not can_route(provider):
            return no_response()
        target = Target(provider, "chat/completions", CHAT, {**self.request.body, "model": model})
        retry = RetryPolicy(int(properties["retries"]) + 1, self.delay, "constant", int(properties["timeout"]) or None)
        self.last_called = {"provider": provider, "model": model, "step": self.steps}
        try:
            response = await call(target, retry, self.request.headers)
        except AiGatewayError as error:
            self.steps += 1
            return error
        headers = {"cf-aig-provider": provider, "cf-aig-model": model, "cf-aig-step": str(self.steps)}
        self.steps += 1
        for key, window in self.charged:
            counters.add(self.store, key, window, clock.epoch_seconds(), response.cost)
        return response.with_headers(headers)
