"""The risks of a gateway's guards: guardrails, data loss prevention, spend limits.

Each function takes a setting's value before and after, as the file has it, None where there is none. The risks of other
settings are part of their declarations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.quantities import parse_quantity
from gatewright.environment.risks import Risk, limit_risk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.quantities import Quantity
    from gatewright.environment.risks import ChangeRisk, RiskReason

    Settings = Mapping[str, Any]

_BOTH_SIDES = ("request", "response")


def guardrail_risk(label: str) -> ChangeRisk:
    """The risk of another action for one category."""
    return lambda before, after: _weaker(label, after) if before == "block" or after is None else None


def dlp_risk(_: object, after: object) -> RiskReason | None:
    """The risk of switching data loss prevention off."""
    return None if after else _weaker("dlp", None)


def policy_risk(label: str) -> ChangeRisk:
    """The risk of another policy of data loss prevention."""

    def risk(before: Settings | None, after: Settings | None) -> RiskReason | None:
        return _weaker(label, after) if after is None or _finds_less(before or {}, after) else None

    return risk


def spend_risk(name: str) -> ChangeRisk:
    """The risk of another spend limit; `name` is for the reason."""

    def risk(before: Settings | None, after: Settings | None) -> RiskReason | None:
        if not before or not before.get("enabled", True):
            return None
        if not after or not after.get("enabled", True):
            return limit_risk(name, _limit(before), None)
        raised = limit_risk(name, _limit(before), _limit(after))
        return raised or ((Risk.LIMIT, f"the {name} counts fewer requests") if _counts_fewer(before, after) else None)

    return risk


def _weaker(label: str, after: object | None) -> RiskReason:
    return Risk.UNGUARDED, f"{label} is {'off' if after is None else 'weaker'}"


def _finds_less(before: Settings, after: Settings) -> bool:
    """Whether a policy lets more through than before."""
    if not before or not before.get("enabled", True):
        return False
    is_narrower = any(
        not set(before.get(key) or default) <= set(after.get(key) or default)
        for key, default in (("check", _BOTH_SIDES), ("profiles", ()))
    )
    is_milder = before.get("action") == "block" and after.get("action") != "block"
    return is_milder or is_narrower or not after.get("enabled", True)


def _counts_fewer(before: Settings, after: Settings) -> bool:
    """Whether some requests no longer count, or each value now counts separately."""
    old, new = _filters(before), _filters(after)
    return any(name not in old or _is_narrower(old[name], only) for name, only in new.items())


def _filters(rule: Settings) -> dict[str, Any]:
    listed = {name: rule[name] for name in ("providers", "models") if rule.get(name)}
    return listed | {f"metadata.{key}": value for key, value in (rule.get("metadata") or {}).items()}


def _is_narrower(before: Any, after: Any) -> bool:
    """`each` counts all values, each value separately."""
    if "each" in (before, after):
        return bool(before != after)
    return not set(before) <= set(after)


def _limit(rule: Settings) -> Quantity | None:
    return parse_quantity(str(rule["limit"]))
