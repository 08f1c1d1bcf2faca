"""OpenAI's chat completions, which most providers and /compat speak."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats.base import (
    Completion,
    Json,
    Prompt,
    event,
    last_of_user,
    messages_of,
    model_of,
    text_of,
)

_ERRORS = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def read(body: Json) -> Prompt:
    """`messages`, `stream`, `stream_options.include_usage`."""
    messages = messages_of(body.get("messages"), "messages")
    options = body.get("stream_options")
    return Prompt(
        model=model_of(body),
        question=last_of_user(messages),
        everything=" ".join(text_of(message.get("content")) for message in messages),
        stream=body.get("stream") is True,
        stream_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def whole(completion: Completion) -> Json:
    """A chat.completion."""
    message = {"role": "assistant", "content": completion.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_head(completion, "chat.completion"), "choices": [choice], "usage": _usage(completion)}


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:
    """chat.completion.chunk events, the usage last where it was asked for, then [DONE]."""
    head = _head(completion, "chat.completion.chunk")

    def chunk(delta: Json, finish_reason: str | None = None) -> str:
        return event(
            {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]}
        )

    yield chunk({"role": "assistant", "content": ""})
    for word in completion.words():
        yield chunk({"content": word})
    yield chunk({}, "stop")
    if prompt.stream_usage:
        yield event({**head, "choices": [], "usage": _usage(completion)})
    yield "data: [DONE]\n\n"


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


def _usage(completion: Completion) -> Json:
    return {
        "prompt_tokens": completion.tokens_in,
        "completion_tokens": completion.tokens_out,
        "total_tokens": completion.tokens_in + completion.tokens_out,
    }
