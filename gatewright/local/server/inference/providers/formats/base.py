"""The pieces that all formats share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class MalformedError(Exception):
    """A body that the format cannot read; the message names the field."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a request asks: the model, the last text of the user, all text (which is counted), and how to answer."""

    model: str
    question: str
    everything: str
    stream: bool = False
    stream_usage: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model says; `id` follows from the request, `created` is in seconds since 1970."""

    id: str
    created: int
    model: str
    text: str
    tokens_in: int
    tokens_out: int

    def words(self) -> Iterator[str]:
        """The text in the pieces in which it is streamed."""
        for index, word in enumerate(self.text.split(" ")):
            yield word if index == 0 else f" {word}"


@dataclass(frozen=True, slots=True)
class Format:
    """read: the body -> Prompt, raises MalformedError; whole: the JSON answer; stream: the same as events;
    error: status, message -> JSON."""

    read: Callable[[Json], Prompt]
    whole: Callable[[Completion], Json]
    stream: Callable[[Completion, Prompt], Iterator[str]]
    error: Callable[[int, str], Json]


def event(data: Json, name: str | None = None) -> str:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'), ensure_ascii=False)}\n\n"


def text_of(content: object) -> str:
    """The text of a message: a string, or a list of parts of which those with a `text` count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return ""


def messages_of(value: object, name: str) -> list[Json]:
    """The list of messages under the field `name`; raises MalformedError when it is none, or empty."""
    if not isinstance(value, list) or not value or not all(isinstance(message, dict) for message in value):
        raise MalformedError(f"'{name}' must be a list of messages")
    return value


def last_of_user(messages: Iterable[Json]) -> str:
    """The last thing the user said."""
    return next((text_of(m.get("content")) for m in reversed(list(messages)) if m.get("role") == "user"), "")


def model_of(body: Json) -> str:
    """The model's name; raises MalformedError when there is none."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise MalformedError("you must provide a model parameter")
    return model
