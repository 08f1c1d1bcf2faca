"""The parts that all formats share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gatewright.frozen import frozen

Json = dict[str, Any]


class MalformedError(Exception):
    """A body that the format cannot read; the message names the field."""


@frozen
class Prompt:
    """A request: the model, the user's last text, all text (for the count of tokens), and how to respond."""

    model: str
    question: str
    everything: str
    stream: bool = False
    stream_usage: bool = False


@frozen
class Completion:
    """A model's response. `id` is derived from the request, `created` is in seconds since 1970."""

    id: str
    created: int
    model: str
    text: str
    tokens_in: int
    tokens_out: int

    def words(self) -> Iterator[str]:
        """The text in the pieces of a stream."""
        for index, word in enumerate(self.text.split(" ")):
            yield word if index == 0 else f" {word}"

    def usage(self) -> Json:
        """The usage in OpenAI's form."""
        return {
            "prompt_tokens": self.tokens_in,
            "completion_tokens": self.tokens_out,
            "total_tokens": self.tokens_in + self.tokens_out,
        }


@frozen
class Format:
    """read: a body as a Prompt, raises MalformedError. whole: the JSON response. stream: the same as events.
    error: status and message as JSON."""

    read: Callable[[Json], Prompt]
    whole: Callable[[Completion], Json]
    stream: Callable[[Completion, Prompt], Iterator[str]]
    error: Callable[[int, str], Json]


DONE = "data: [DONE]\n\n"
"""The last event of OpenAI's streams."""


def event(data: Json, name: str | None = None) -> str:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'), ensure_ascii=False)}\n\n"


def prompt(body: Json, instructions: object, messages: list[Json]) -> Prompt:
    """The prompt of a body with instructions beside its messages."""
    texts = [text_of(instructions), *(text_of(message.get("content")) for message in messages)]
    return Prompt(
        model=model_of(body),
        question=last_of_user(messages),
        everything=" ".join(text for text in texts if text),
        stream=body.get("stream") is True,
    )


def all_text(messages: Iterable[Json]) -> str:
    """The text of all messages."""
    return " ".join(text_of(message.get("content")) for message in messages)


def text_of(content: object) -> str:
    """The text of a message: a string, or the `text` of its parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return ""


def messages_of(value: object, name: str) -> list[Json]:
    """The messages in the field `name`. Raises MalformedError for an empty list and for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(message, dict) for message in value):
        raise MalformedError(f"'{name}' must be a list of messages")
    return value


def last_of_user(messages: Iterable[Json]) -> str:
    """The user's last text."""
    return next((text_of(m.get("content")) for m in reversed(list(messages)) if m.get("role") == "user"), "")


def model_of(body: Json) -> str:
    """The model's name. Raises MalformedError where there is none."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise MalformedError("you must provide a model parameter")
    return model
