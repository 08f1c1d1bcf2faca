"""The formats of the providers. Each reads a request, and writes a response whole, as a stream, or as an error."""

from __future__ import annotations

from gatewright.local.server.inference.providers.formats import anthropic, chat, google, responses, workers_ai
from gatewright.local.server.inference.providers.formats.base import Completion, Format, Json, MalformedError, Prompt

CHAT = Format(chat.read, chat.whole, chat.stream, chat.error)
RESPONSES = Format(responses.read, responses.whole, responses.stream, chat.error)
ANTHROPIC = Format(anthropic.read, anthropic.whole, anthropic.stream, anthropic.error)
GOOGLE = Format(google.read, google.whole, google.stream, google.error)
WORKERS_AI = Format(workers_ai.read, workers_ai.whole, workers_ai.stream, workers_ai.error)

__all__ = [
    "ANTHROPIC",
    "CHAT",
    "GOOGLE",
    "RESPONSES",
    "WORKERS_AI",
    "Completion",
    "Format",
    "Json",
    "MalformedError",
    "Prompt",
]
