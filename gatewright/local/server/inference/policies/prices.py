"""What answers cost: every model the same, so that figures can be checked by hand; failures and cached answers nothing.

cf-aig-custom-cost says it for one request, for logs and spend limits: {"total_cost": USD}, or {"per_token_in": USD,
"per_token_out": USD}. What credits are billed is not changed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.inference.providers.echo_model import Reply

MOST = 1e6  # USD that a caller may say (guess)
PRICE = 1e-6  # USD a token, in and out alike (guess: a dollar per million)


def cost(reply: Reply, headers: Mapping[str, str]) -> float:
    """The cost of a provider's answer, in USD."""
    if reply.status >= 400:
        return 0.0
    own = custom(headers)
    if "total_cost" in own:
        return own["total_cost"]
    price_in, price_out = own.get("per_token_in", PRICE), own.get("per_token_out", PRICE)
    return reply.tokens_in * price_in + reply.tokens_out * price_out


def custom(headers: Mapping[str, str]) -> dict[str, float]:
    """The prices that the caller gives; without those that are no numbers from 0 to MOST."""
    header = headers.get("cf-aig-custom-cost")
    if header is None:
        return {}
    try:
        given: Any = parse_json(header.encode())
    except ValueError:
        return {}
    entries = given.items() if isinstance(given, dict) else ()
    return {name: float(value) for name, value in entries if isinstance(value, int | float) and 0 <= value <= MOST}
