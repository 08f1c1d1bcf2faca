"""Model entries in the formats that more than one client reads."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.model_info import ListedModel
from gatewright.facts.slugs import Api

PI_APIS = {Api.CHAT: "openai-completions", Api.MESSAGES: "anthropic-messages"}
"""The names of the APIs in pi and in OpenClaw, which is built on pi."""
_MILLION = 1_000_000


def pi_entry(model: ListedModel) -> dict[str, Any]:
    """The entry of pi and OpenClaw. Unknown sizes are left out."""
    cost = model.cost
    entry: dict[str, Any] = {
        "id": model.id,
        "name": model.name,
        "reasoning": model.reasoning,
        "input": list(model.input),
        "cost": {
            "input": cost.input,
            "output": cost.output,
            "cacheRead": cost.cache_read,
            "cacheWrite": cost.cache_write,
        },
    }
    return entry | known(contextWindow=model.context, maxTokens=model.output)


def litellm_entry(model: ListedModel) -> dict[str, Any]:
    """The model info of LiteLLM, which Aider uses too: costs in USD per token. Unknown sizes and free caches are left
    out."""
    cost = model.cost
    entry: dict[str, Any] = {
        "mode": "chat",
        "input_cost_per_token": cost.input / _MILLION,
        "output_cost_per_token": cost.output / _MILLION,
        "supports_vision": "image" in model.input,
    }
    caches = {"cache_read_input_token_cost": cost.cache_read, "cache_creation_input_token_cost": cost.cache_write}
    entry |= {name: price / _MILLION for name, price in caches.items() if price}
    return entry | known(max_input_tokens=model.context, max_output_tokens=model.output)


def known(**sizes: int | None) -> dict[str, int]:
    """The sizes that are known."""
    return {name: size for name, size in sizes.items() if size is not None}
