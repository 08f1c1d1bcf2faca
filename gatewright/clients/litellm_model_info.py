"""What LiteLLM calls a model's info; Aider knows its models by it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewright.clients.model_info import Listed

_MILLION = 1_000_000


def model_info(model: Listed) -> dict[str, Any]:
    """Costs in USD per token, sizes in tokens; what is not known, or costs nothing in a cache, is left out."""
    cost = model.cost
    info: dict[str, Any] = {
        "mode": "chat",
        "input_cost_per_token": cost.input / _MILLION,
        "output_cost_per_token": cost.output / _MILLION,
        "supports_vision": "image" in model.input,
    }
    caches = {"cache_read_input_token_cost": cost.cache_read, "cache_creation_input_token_cost": cost.cache_write}
    info |= {name: figure / _MILLION for name, figure in caches.items() if figure}
    if model.context is not None:
        info["max_input_tokens"] = model.context
    if model.output is not None:
        info["max_output_tokens"] = model.output
    return info
