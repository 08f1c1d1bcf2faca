"""The providers behind the gateway: one deterministic model that says what it heard, and can be told to fail.

Two equal requests get equal answers; a token is four characters.
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
    """The provider gives no answer at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A provider's answer; a stream is whole here, the sender cuts it into its events."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]
    tokens_in: int = 0
    tokens_out: int = 0


async def call(target: Target, faults: Faults, providers: Providers, *, accepted: bool) -> Reply:
    """What the provider answers; `accepted` says whether it takes the credential. Raises UnreachableError."""
    fault = faults.take(UPSTREAM, "POST", target.endpoint, target.provider, str(target.body.get("model")))
    if fault is not None:
        await asyncio.sleep(fault.delay_ms / 1000)
        if fault.reset:
            raise UnreachableError
        if fault.status is not None:
            speaks = target.format or CHAT
            body = fault.body if fault.body is not None else speaks.error(fault.status, "told to fail")
            return Reply(fault.status, JSON_TYPE, json.dumps(body).encode(), fault.headers)
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
    except MalformedError as problem:
        return _error(target.format, 400, str(problem))
    return _answer(target, target.format, prompt)


def _answer(target: Target, speaks: Format, prompt: Prompt) -> Reply:
    text = f"{target.provider}/{prompt.model} heard: {prompt.question}"
    completion = Completion(
        id=hashlib.sha256(json.dumps([target.provider, target.body], sort_keys=True).encode()).hexdigest()[:24],
        created=int(clock.timestamp()),
        model=prompt.model,
        text=text,
        tokens_in=tokens(prompt.everything),
        tokens_out=tokens(text),
    )
    if prompt.stream:
        content_type, body = STREAM_TYPE, "".join(speaks.stream(completion, prompt))
    else:
        content_type, body = JSON_TYPE, json.dumps(speaks.whole(completion), ensure_ascii=False)
    return Reply(200, content_type, body.encode(), {}, completion.tokens_in, completion.tokens_out)


def tokens(text: str) -> int:
    """How many tokens a text counts: its characters by four, at least 1."""
    return max(1, -(-len(text) // 4))


def _error(speaks: Format, status: int, message: str) -> Reply:
    return Reply(status, JSON_TYPE, json.dumps(speaks.error(status, message)).encode(), {})
