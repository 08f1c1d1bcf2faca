"""The cost of responses. All models cost the same, for easy checks; errors and cached responses cost nothing.

cf-aig-custom-cost sets the cost of one request for logs and spend limits: {"total_cost": USD}, or {"per_token_in": USD,
"per_token_out": USD}. It does not change what credits are billed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.resources.billing import PRICE

MAX_CUSTOM_COST = 1e6  # USD (guess)


def cost(response: ModelResponse, headers: Mapping[str, str]) -> float:
    """The cost of a provider's response, in USD."""
    if response.status >= 400:
        return 0.0
    own = custom(headers)
    if "total_cost" in own:
        return own["total_cost"]
    price_in, price_out = own.get("per_token_in", PRICE), own.get("per_token_out", PRICE)
    return response.tokens_in * price_in + response.tokens_out * price_out


def custom(headers: Mapping[str, str]) -> dict[str, float]:
    """The client's prices; those that are not numbers from 0 to MAX_CUSTOM_COST are ignored."""
    header = headers.get("cf-aig-custom-cost")
    if header is None:
        return {}
    try:
        prices: Any = parse_json(header.encode())
    except ValueError:
        return {}
    entries = prices.items() if isinstance(prices, dict) else ()
    return {
        name: float(value)
        for name, value in entries
        if isinstance(value, int | float) and 0 <= value <= MAX_CUSTOM_COST
    }
