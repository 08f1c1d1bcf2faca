"""Workers AI's own form, /workers-ai/@cf/…: `prompt` or `messages` in, `result.response` out."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats.base import (
    Completion,
    Json,
    MalformedError,
    Prompt,
    event,
    last_of_user,
    messages_of,
    model_of,
    text_of,
)


def read(body: Json) -> Prompt:
    """The model comes from the path, put into the body as `model`."""
    model, stream = model_of(body), body.get("stream") is True
    if isinstance(body.get("prompt"), str):
        return Prompt(model, body["prompt"], body["prompt"], stream)
    if "messages" not in body:
        raise MalformedError("prompt or messages required")
    messages = messages_of(body["messages"], "messages")
    everything = " ".join(text_of(message.get("content")) for message in messages)
    return Prompt(model, last_of_user(messages), everything, stream)


def whole(completion: Completion) -> Json:
    """In the control plane's envelope."""
    result = {"response": completion.text, "usage": _usage(completion)}
    return {"result": result, "success": True, "errors": [], "messages": []}


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage always comes
    """Events with a piece of the response each, the usage in the last, then [DONE]."""
    for word in completion.words():
        yield event({"response": word})
    yield event({"response": "", "usage": _usage(completion)})
    yield "data: [DONE]\n\n"


def error(status: int, message: str) -> Json:
    """In the control plane's envelope."""
    code = 10000 if status == 401 else 5000
    return {"result": {}, "success": False, "errors": [{"code": code, "message": message}], "messages": []}


def _usage(completion: Completion) -> Json:
    return {
        "prompt_tokens": completion.tokens_in,
        "completion_tokens": completion.tokens_out,
        "total_tokens": completion.tokens_in + completion.tokens_out,
    }
