"""OpenAI's Responses."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats import base
from gatewright.local.server.inference.providers.formats.base import Completion, Json, MalformedError, Prompt


def read(body: Json) -> Prompt:
    """`input`, a string or a list of items, and `instructions`."""
    content = body.get("input")
    if content is None:
        raise MalformedError("you must provide an input")
    items = [{"role": "user", "content": content}] if isinstance(content, str) else base.messages_of(content, "input")
    return base.prompt(body, body.get("instructions"), items)


def whole(completion: Completion) -> Json:
    """A completed response."""
    return _response(completion, "completed", [_message(completion, "completed", [_text(completion.text)])])


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage is always sent
    """The events from response.created to response.completed, numbered."""
    for number, (name, data) in enumerate(_events(completion)):
        yield base.event({"type": name, "sequence_number": number, **data}, name)


def _events(completion: Completion) -> Iterator[tuple[str, Json]]:
    item = {"output_index": 0}
    part = {**item, "item_id": f"msg_{completion.id}", "content_index": 0}
    started = _response(completion, "in_progress", [])
    text = _text(completion.text)
    message = _message(completion, "completed", [text])

    yield "response.created", {"response": started}
    yield "response.in_progress", {"response": started}
    yield "response.output_item.added", {**item, "item": _message(completion, "in_progress", [])}
    yield "response.content_part.added", {**part, "part": _text("")}
    for word in completion.words():
        yield "response.output_text.delta", {**part, "delta": word, "logprobs": []}
    yield "response.output_text.done", {**part, "text": completion.text, "logprobs": []}
    yield "response.content_part.done", {**part, "part": text}
    yield "response.output_item.done", {**item, "item": message}
    yield "response.completed", {"response": _response(completion, "completed", [message])}


def _text(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(completion: Completion, status: str, content: list[Json]) -> Json:
    return {"id": f"msg_{completion.id}", "type": "message", "status": status, "role": "assistant", "content": content}


def _response(completion: Completion, status: str, output: list[Json]) -> Json:
    usage = {
        "input_tokens": completion.tokens_in,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": completion.tokens_out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": completion.tokens_in + completion.tokens_out,
    }
    return {
        "id": f"resp_{completion.id}",
        "object": "response",
        "created_at": completion.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": completion.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if status == "completed" else None,
    }
