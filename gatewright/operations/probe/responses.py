"""What the response to a probe request tells: model, attempts, cache, tokens, cost."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatewright.environment.references import ModelName, RouteName, parse_name
from gatewright.facts.slugs import Api
from gatewright.frozen import frozen
from gatewright.operations.probe.limit_headers import ReportedLimit, reported_limits
from gatewright.operations.probe.transport import NoResponse
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.diagnosis import Failure
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import Response

_MAX_TOKENS = 10**9  # counts above this are not believed
_MAX_NAME = 120  # characters of a name from a header
_USAGE = {
    Api.CHAT: ("usage", "prompt_tokens", "completion_tokens"),
    Api.RESPONSES: ("usage", "input_tokens", "output_tokens"),
    Api.MESSAGES: ("usage", "input_tokens", "output_tokens"),
    Api.GENERATE: ("usageMetadata", "promptTokenCount", "candidatesTokenCount"),
}


@frozen
class Answer:
    """The answer to one request; None where a fact is unknown.

    `steps` is the number of models tried, `cache` HIT or MISS, `cost` in USD. `failure` says why there is no answer.
    `limits` are those that the provider of `limited_model` reports.
    """

    status: int | None = None
    model: str | None = None
    steps: int | None = None
    cache: str | None = None
    seconds: float = 0.0
    tokens: int | None = None
    cost: float | None = None
    failure: Failure | None = None
    limits: tuple[ReportedLimit, ...] = ()
    limited_model: str | None = None


def read_answer(
    environment: Environment, request: ProbeRequest, response: Response | NoResponse, failure: Failure | None
) -> Answer:
    """Read Cloudflare's headers and the usage in the body."""
    if isinstance(response, NoResponse):
        return Answer(seconds=response.seconds, failure=failure)
    limits = reported_limits(response.headers)
    step = response.headers.get("cf-aig-step", "")
    cache = response.headers.get("cf-aig-cache-status", "")
    answer = Answer(
        status=response.status,
        steps=int(step) + 1 if re.fullmatch(r"\d{1,3}", step, re.ASCII) else None,
        cache=cache if cache in ("HIT", "MISS") else None,
        seconds=response.seconds,
        failure=failure,
        limits=limits,
        limited_model=_model(environment, request, response) if limits else None,
    )
    if failure is not None:
        return answer
    answer = replace(answer, model=_model(environment, request, response))
    name, *keys = _USAGE[request.access.api]
    prompt, completion = (_count(response.content.get(name), key) for key in keys)
    if prompt is None or completion is None:
        return answer
    cost = 0.0 if answer.cache == "HIT" else _cost(environment, answer.model, prompt, completion)
    return replace(answer, tokens=prompt + completion, cost=cost)


def _model(environment: Environment, request: ProbeRequest, response: Response) -> str | None:
    """The environment's name of the model that answered; for a route Cloudflare names it in headers."""
    if not isinstance(request.name, RouteName):
        return str(request.name)
    provider, model = (response.headers.get(f"cf-aig-{key}", "")[:_MAX_NAME] for key in ("provider", "model"))
    if not provider or not f"{provider}/{model}".isprintable():
        return None
    return model_names(environment).get((provider, model), f"{provider}/{model}")


def _count(usage: Any, key: str) -> int | None:
    count = usage.get(key) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < _MAX_TOKENS else None


def _cost(environment: Environment, model: str | None, prompt: int, completion: int) -> float | None:
    """In USD, by the prices in the environment."""
    name = parse_name(model) if model else None
    if not isinstance(name, ModelName):
        return None
    provider = environment.providers.get(name.provider)
    declared = provider.models.get(name.model) if provider else None
    return None if declared is None else (prompt * declared.cost.input + completion * declared.cost.output) / 1_000_000
