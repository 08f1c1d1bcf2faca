"""Workers AI's own format, /workers-ai/@cf/…: `prompt` or `messages` in, `result.response` out."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats import base
from gatewright.local.server.inference.providers.formats.base import Completion, Json, MalformedError, Prompt


def read(body: Json) -> Prompt:
    """`prompt` or `messages`. The model, which is in the path, is in the body as `model`."""
    model, stream = base.model_of(body), body.get("stream") is True
    if isinstance(body.get("prompt"), str):
        return Prompt(model, body["prompt"], body["prompt"], stream)
    if "messages" not in body:
        raise MalformedError("prompt or messages required")
    messages = base.messages_of(body["messages"], "messages")
    return Prompt(model, base.last_of_user(messages), base.all_text(messages), stream)


def whole(completion: Completion) -> Json:
    """The response in the control plane's envelope."""
    result = {"response": completion.text, "usage": completion.usage()}
    return {"result": result, "success": True, "errors": [], "messages": []}


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage is always sent
    """One event for each piece of the response, the usage in the last, then [DONE]."""
    for word in completion.words():
        yield base.event({"response": word})
    yield base.event({"response": "", "usage": completion.usage()})
    yield base.DONE


def error(status: int, message: str) -> Json:
    """The error in the control plane's envelope."""
    code = 10000 if status == 401 else 5000
    return {"result": {}, "success": False, "errors": [{"code": code, "message": message}], "messages": []}
