"""OpenAI's Responses."""

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
    """`input`, a string or a list of items, and `instructions`."""
    given = body.get("input")
    if isinstance(given, str):
        items: list[Json] = [{"role": "user", "content": given}]
    elif given is None:
        raise MalformedError("you must provide an input")
    else:
        items = messages_of(given, "input")
    texts = [text_of(body.get("instructions")), *(text_of(item.get("content")) for item in items)]
    return Prompt(
        model=model_of(body),
        question=last_of_user(items),
        everything=" ".join(text for text in texts if text),
        stream=body.get("stream") is True,
    )


def whole(completion: Completion) -> Json:
    """A completed response."""
    return _response(completion, "completed", [_message(completion, "completed", [_text(completion.text)])])


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage always comes
    """The events from response.created to response.completed, numbered."""
    steps = _steps(completion)
    for number, (name, data) in enumerate(steps):
        yield event({"type": name, "sequence_number": number, **data}, name)


def _steps(completion: Completion) -> Iterator[tuple[str, Json]]:
    item = {"output_index": 0}
    place = {**item, "item_id": f"msg_{completion.id}", "content_index": 0}
    started = _response(completion, "in_progress", [])
    text = _text(completion.text)
    message = _message(completion, "completed", [text])

    yield "response.created", {"response": started}
    yield "response.in_progress", {"response": started}
    yield "response.output_item.added", {**item, "item": _message(completion, "in_progress", [])}
    yield "response.content_part.added", {**place, "part": _text("")}
    for word in completion.words():
        yield "response.output_text.delta", {**place, "delta": word, "logprobs": []}
    yield "response.output_text.done", {**place, "text": completion.text, "logprobs": []}
    yield "response.content_part.done", {**place, "part": text}
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
