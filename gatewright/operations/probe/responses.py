"""What is known of the answer to one smoke request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gatewright.environment.references import ModelName, RouteName, parse_name
from gatewright.facts.slugs import Api
from gatewright.operations.probe.transport import Reply
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.diagnosis import Failure
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.transport import NoResponse

_MOST = 10**9  # tokens of one answer: what says more is not believed
_COUNTED = {True: ("prompt_tokens", "completion_tokens"), False: ("input_tokens", "output_tokens")}  # is it a chat?
_LONGEST = 120  # characters of a name that somebody else says


@dataclass(frozen=True, slots=True)
class Answer:
    """One request's: by which model, after how many models were tried, from the cache or not (HIT, MISS), in seconds,
    for how many tokens and USD; None: unknown. `failure` where there is no answer."""

    status: int | None = None
    by: str | None = None
    steps: int | None = None
    cache: str | None = None
    took: float = 0.0
    tokens: int | None = None
    cost: float | None = None
    failure: Failure | None = None


def answer(
    environment: Environment, question: ProbeRequest, reply: Reply | NoResponse, failure: Failure | None
) -> Answer:
    """Reads a reply: Cloudflare's headers, and the usage that the body counts."""
    if not isinstance(reply, Reply):
        return Answer(took=reply.took, failure=failure)
    step = reply.headers.get("cf-aig-step", "")
    cache = reply.headers.get("cf-aig-cache-status", "")
    read = Answer(
        status=reply.status,
        steps=int(step) + 1 if re.fullmatch(r"\d{1,3}", step, re.ASCII) else None,
        cache=cache if cache in ("HIT", "MISS") else None,
        took=reply.took,
        failure=failure,
    )
    if failure is not None:
        return read
    by = _by(environment, question, reply)
    usage = reply.content.get("usage")
    sent, got = (_count(usage, key) for key in _COUNTED[question.access.api is Api.CHAT])
    if sent is None or got is None:
        return replace(read, by=by)
    return replace(
        read, by=by, tokens=sent + got, cost=0.0 if read.cache == "HIT" else _cost(environment, by, sent, got)
    )


def _by(environment: Environment, question: ProbeRequest, reply: Reply) -> str | None:
    """The model that answered, as the environment calls it: that of a route Cloudflare names in headers."""
    if not isinstance(question.name, RouteName):
        return str(question.name)
    provider, model = (reply.headers.get(f"cf-aig-{key}", "")[:_LONGEST] for key in ("provider", "model"))
    if not provider or not f"{provider}/{model}".isprintable():
        return None
    return model_names(environment).get((provider, model), f"{provider}/{model}")


def _count(usage: Any, key: str) -> int | None:
    found = usage.get(key) if isinstance(usage, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _MOST else None


def _cost(environment: Environment, by: str | None, sent: int, got: int) -> float | None:
    """In USD, by the prices of the environment."""
    name = parse_name(by) if by else None
    if not isinstance(name, ModelName):
        return None
    provider = environment.providers.get(name.provider)
    model = provider.models.get(name.model) if provider else None
    return None if model is None else (sent * model.cost.input + got * model.cost.output) / 1_000_000
