"""The models of Workers AI: GET /accounts/{account}/ai/models/search.

A few of Cloudflare's models, with the properties that it lists (pricing page of 2026-08-28). `search`, `task`, `author`
and `source` filter nothing (guess: a part of the name would match).
"""

from __future__ import annotations

import uuid
from typing import Any

from gatewright.facts.permissions import WORKERS_AI_READ, WORKERS_AI_WRITE
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Json, Result

_MODELS = (
    ("@cf/openai/gpt-oss-120b", 128_000, 0.35, 0.75, {"reasoning": "true", "function_calling": "true"}),
    ("@cf/openai/gpt-oss-20b", 128_000, 0.2, 0.3, {"reasoning": "true", "function_calling": "true"}),
    ("@cf/qwen/qwen3-30b-a3b-fp8", 32_768, 0.0509, 0.335, {"reasoning": "true", "function_calling": "true"}),
    ("@cf/meta/llama-3.3-70b-instruct-fp8-fast", 24_000, 0.293, 2.253, {"function_calling": "true"}),
    ("@cf/zai-org/glm-5.3-flash", 1_048_576, 0.15, 0.5, {"reasoning": "true", "require_workers_paid": "true"}),
)
"""Name, context in tokens, USD per million input and output tokens, further properties; all values are strings."""


def search(call: Call) -> Result:
    """List the models, with context, price and further properties."""
    rows = [_row(*model) for model in _MODELS]
    return Result(call.page(rows))


def _row(name: str, context: int, input: float, output: float, more: dict[str, str]) -> Json:
    prices = [
        {"unit": f"per M {kind} tokens", "price": price, "currency": "USD"}
        for kind, price in (("input", input), ("output", output))
    ]
    properties: dict[str, Any] = {"context_window": str(context), "price": prices, **more}
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "source": 1,
        "name": name,
        "task": {"name": "Text Generation"},
        "properties": [{"property_id": key, "value": value} for key, value in properties.items()],
    }


ENDPOINTS = (Endpoint("GET", "/accounts/{account}/ai/models/search", (WORKERS_AI_READ, WORKERS_AI_WRITE), search),)
