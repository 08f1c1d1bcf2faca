"""Anthropic's Messages."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats import base
from gatewright.local.server.inference.providers.formats.base import Completion, Json, MalformedError, Prompt

_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def read(body: Json) -> Prompt:
    """`messages`, `system`, and `max_tokens`, which is required."""
    messages = base.messages_of(body.get("messages"), "messages")
    if not isinstance(body.get("max_tokens"), int):
        raise MalformedError("max_tokens: Field required")
    return base.prompt(body, body.get("system"), messages)


def whole(completion: Completion) -> Json:
    """A message."""
    return {
        **_head(completion),
        "content": [{"type": "text", "text": completion.text}],
        "stop_reason": "end_turn",
        "usage": _usage(completion, completion.tokens_out),
    }


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage is always sent
    """The events from message_start to message_stop."""

    def event(name: str, **data: object) -> str:
        return base.event({"type": name, **data}, name)

    head = {**_head(completion), "content": [], "stop_reason": None, "usage": _usage(completion, 1)}
    yield event("message_start", message=head)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield event("ping")
    for word in completion.words():
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
    yield event("content_block_stop", index=0)
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield event("message_delta", delta=end, usage={"output_tokens": completion.tokens_out})
    yield event("message_stop")


def error(status: int, message: str) -> Json:
    """Anthropic's error body."""
    return {"type": "error", "error": {"type": _ERRORS.get(status, "api_error"), "message": message}}


def _head(completion: Completion) -> Json:
    return {
        "id": f"msg_{completion.id}",
        "type": "message",
        "role": "assistant",
        "model": completion.model,
        "stop_sequence": None,
    }


def _usage(completion: Completion, tokens_out: int) -> Json:
    return {
        "input_tokens": completion.tokens_in,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": tokens_out,
    }
