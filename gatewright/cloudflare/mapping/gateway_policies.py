"""The policies of a gateway at Cloudflare as settings of an environment file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.model.gateway_policies import ALLOW, DENY
from gatewright.environment.quantities import quantity_text
from gatewright.environment.risks import MONEY
from gatewright.facts.gateway_policies import ALWAYS, BLOCK, EVERYONE, LIMIT, NO_LIMIT, PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = dict[str, Any]


def policy_settings(policy: Mapping[str, Any]) -> Json | None:
    """A policy of the API as an environment file has it; None for an action that no file can declare."""
    action, resource = policy["action"], policy["resource"] if isinstance(policy["resource"], dict) else {}
    if action["type"] not in (NO_LIMIT, BLOCK, LIMIT) or action.get("period", "daily") not in PERIODS:
        return None
    settings: Json = {"effect": DENY if action["type"] == BLOCK else ALLOW}
    settings |= {f"{kind}s": names for kind, names in resource.items()}
    if action.get("except"):
        settings["except"] = True
    if policy["condition"] != ALWAYS:
        settings["when"] = policy["condition"]
    if action["type"] == LIMIT:
        settings["limit"] = quantity_text(action["amount"], MONEY, PERIODS[action["period"]])
    if policy["actor"] != EVERYONE:
        settings["actor"] = policy["actor"]
    return settings
