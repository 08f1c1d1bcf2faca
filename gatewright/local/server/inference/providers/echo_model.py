"""The providers behind the gateway: one deterministic model that repeats the prompt, and can be told to fail.

Equal requests get equal responses. A token is four characters.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, replace

from gatewright.local.server.core import clock
from gatewright.local.server.core.faults import UPSTREAM, Faults
from gatewright.local.server.inference.plans.targets import Target
from gatewright.local.server.inference.providers.formats import CHAT, Completion, Format, MalformedError, Prompt
from gatewright.local.server.inference.providers.state import Providers

JSON_TYPE, STREAM_TYPE = "application/json", "text/event-stream; charset=utf-8"


class UnreachableError(Exception):
    """The provider does not respond."""


@dataclass(frozen=True, slots=True)
class ProviderResponse:
    """A provider's response. A stream is whole here; the pipeline splits it into its events."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]
    tokens_in: int = 0
    tokens_out: int = 0


async def call(target: Target, faults: Faults, providers: Providers, *, accepted: bool) -> ProviderResponse:
    """The provider's response. `accepted`: whether it accepts the credential. Raises UnreachableError."""
    fault = faults.take(UPSTREAM, "POST", target.endpoint, target.provider, str(target.body.get("model")))
    if fault is not None:
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.reset:
            raise UnreachableError
        if fault.status is not None:
            format = target.format or CHAT
            body = fault.body if fault.body is not None else format.error(fault.status, "told to fail")
            return ProviderResponse(fault.status, JSON_TYPE, json.dumps(body).encode(), fault.headers)
    if target.format is None:
        return _error(CHAT, 404, f"{target.provider} has no endpoint /{target.endpoint}")
    if not accepted:
        return _error(target.format, 401, "Incorrect API key provided")
    exhausted = providers.count(target.provider)
    if exhausted is not None:
        refusal = _error(target.format, 429, exhausted.message)
        return replace(refusal, headers={"retry-after": str(exhausted.retry_after)})
    try:
        prompt = target.format.read(target.body)
    except MalformedError as error:
        return _error(target.format, 400, str(error))
    return _complete(target, target.format, prompt)


def _complete(target: Target, format: Format, prompt: Prompt) -> ProviderResponse:
    text = f"{target.provider}/{prompt.model} heard: {prompt.question}"
    completion = Completion(
        id=hashlib.sha256(json.dumps([target.provider, target.body], sort_keys=True).encode()).hexdigest()[:24],
        created=int(clock.epoch_seconds()),
        model=prompt.model,
        text=text,
        tokens_in=count_tokens(prompt.everything),
        tokens_out=count_tokens(text),
    )
    if prompt.stream:
        content_type, body = STREAM_TYPE, "".join(format.stream(completion, prompt))
    else:
        content_type, body = JSON_TYPE, json.dumps(format.whole(completion), ensure_ascii=False)
    return ProviderResponse(200, content_type, body.encode(), {}, completion.tokens_in, completion.tokens_out)


def count_tokens(text: str) -> int:
    """The tokens of a text: a quarter of its characters, rounded up, at least 1."""
    return max(1, -(-len(text) // 4))


def _error(format: Format, status: int, message: str) -> ProviderResponse:
    return ProviderResponse(status, JSON_TYPE, json.dumps(format.error(status, message)).encode(), {})
