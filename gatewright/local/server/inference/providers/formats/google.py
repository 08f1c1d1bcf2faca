"""Google's generateContent and streamGenerateContent, whose model is in the path.

A stream is sent as events, as with ?alt=sse; without it, Google sends a list.
Source: Google's reference of the Gemini API, v1beta, 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.local.server.inference.providers.formats import base
from gatewright.local.server.inference.providers.formats.base import Completion, Json, Prompt

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def read(body: Json) -> Prompt:
    """`contents` and `systemInstruction`. The model and whether to stream, which are in the path, are in the body."""
    contents = base.messages_of(body.get("contents"), "contents")
    messages = [{"role": content.get("role", "user"), "content": content.get("parts")} for content in contents]
    instruction = body.get("systemInstruction")
    return base.prompt(body, instruction.get("parts") if isinstance(instruction, dict) else instruction, messages)


def whole(completion: Completion) -> Json:
    """A GenerateContentResponse."""
    return _response(completion, completion.text, ended=True)


def stream(completion: Completion, prompt: Prompt) -> Iterator[str]:  # noqa: ARG001  # usage is always sent
    """A response for each piece of the text, then one that ends it."""
    for word in completion.words():
        yield base.event(_response(completion, word, ended=False))
    yield base.event(_response(completion, "", ended=True))


def error(status: int, message: str) -> Json:
    """Google's error body."""
    return {"error": {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}}


def _response(completion: Completion, text: str, *, ended: bool) -> Json:
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    usage = {
        "promptTokenCount": completion.tokens_in,
        "candidatesTokenCount": completion.tokens_out,
        "totalTokenCount": completion.tokens_in + completion.tokens_out,
    }
    return {
        "candidates": [candidate | ({"finishReason": "STOP"} if ended else {})],
        "usageMetadata": usage,
        "modelVersion": completion.model,
        "responseId": completion.id,
    }
