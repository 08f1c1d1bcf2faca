"""OpenAI's chat completions, the format of most providers and of /compat."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats import base
from gatewright.local.server.inference.providers.formats.base import Completion, Json, Prompt

_ERRORS = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def read(body: Json) -> Prompt:
    """`messages`, `stream`, `stream_options.include_usage`."""
    messages = base.messages_of(body.get("messages"), "messages")
    options = body.get("stream_options")
    return Prompt(
        model=base.model_of(body),
        question=base.last_of_user(messages),
        everything=base.all_text(messages),
        stream=body.get("stream") is True,
        stream_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def whole(completion: Completion) -> Json:
    """A chat.completion."""
    message = {"role": "assistant", "content": completion.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_head(completion, "chat.completion"), "choices": [choice], "usage": completion.usage()}


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:
    """chat.completion.chunk events, the usage last where it was requested, then [DONE]."""
    head = _head(completion, "chat.completion.chunk")

    def chunk(delta: Json, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return base.event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for word in completion.words():
        yield chunk({"content": word})
    yield chunk({}, "stop")
    if prompt.stream_usage:
        yield base.event({**head, "choices": [], "usage": completion.usage()})
    yield base.DONE


def error(status: int, message: str) -> Json:
    """OpenAI's error body."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": _ERRORS.get(status)}}


def _head(completion: Completion, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{completion.id}",
        "object": kind,
        "created": completion.created,
        "model": completion.model,
        "system_fingerprint": None,
    }
