"""The providers behind the gateway: one deterministic model that repeats the prompt, and can be told to fail.

Equal requests get equal responses. A token is four characters.
"""

from __future__ import annotations

import asyncio
import hashlib
import json

from gatewright.local.server.core import clock
from gatewright.local.server.core.faults import UPSTREAM, Faults
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.providers.formats import CHAT, Completion, Format, MalformedError, Prompt
from gatewright.local.server.inference.providers.model_errors import model_error
from gatewright.local.server.inference.providers.state import Providers
from gatewright.local.server.inference.providers.targets import Target

JSON_TYPE = {"content-type": "application/json"}
STREAM_TYPE = {"content-type": "text/event-stream; charset=utf-8"}


class UnreachableError(Exception):
    """The provider does not respond."""


async def call(target: Target, faults: Faults, providers: Providers, *, accepted: bool) -> ModelResponse:
    """The provider's response. `accepted`: whether it accepts the credential. Raises UnreachableError."""
    fault = faults.take(UPSTREAM, "POST", target.endpoint, target.provider, str(target.body.get("model")))
    if fault is not None:
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.reset:
            raise UnreachableError
        if fault.kind:
            model = str(target.body.get("model"))
            status, refusal = model_error(fault.kind, target.provider, model, target.format or CHAT)
            return ModelResponse(status, {**JSON_TYPE, **fault.headers}, json.dumps(refusal).encode())
        if fault.status is not None:
            format = target.format or CHAT
            body = fault.body if fault.body is not None else format.error(fault.status, "told to fail")
            return ModelResponse(fault.status, {**JSON_TYPE, **fault.headers}, json.dumps(body).encode())
    if target.format is None:
        return _error(CHAT, 404, f"{target.provider} has no endpoint /{target.endpoint}")
    if not accepted:
        return _error(target.format, 401, "Incorrect API key provided")
    exhausted = providers.count(target.provider)
    if exhausted is not None:
        error = _error(target.format, 429, exhausted.message)
        return error.with_headers({"retry-after": str(exhausted.retry_after)})
    try:
        prompt = target.format.read(target.body)
    except MalformedError as error:
        return _error(target.format, 400, str(error))
    return _complete(target, target.format, prompt)


def _complete(target: Target, format: Format, prompt: Prompt) -> ModelResponse:
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
        headers, body = STREAM_TYPE, "".join(format.stream(completion, prompt))
    else:
        headers, body = JSON_TYPE, json.dumps(format.whole(completion), ensure_ascii=False)
    return ModelResponse(200, headers, body.encode(), tokens_in=completion.tokens_in, tokens_out=completion.tokens_out)


def count_tokens(text: str) -> int:
    """The tokens of a text: a quarter of its characters, rounded up, at least 1."""
    return max(1, -(-len(text) // 4))


def _error(format: Format, status: int, message: str) -> ModelResponse:
    return ModelResponse(status, JSON_TYPE, json.dumps(format.error(status, message)).encode())
