"""Which changes of a gateway are to be looked at twice, and why."""

from __future__ import annotations

from gatewright.environment.quantities import parse_quantity
from gatewright.operations.plan.words import Danger

OFF, NONE = "off", "none"
MUCH = 10
"""How many times as much makes a raised limit one to look at twice."""


def gateway_risk(setting: str, old: str, new: str) -> tuple[Danger, str] | None:
    """Why a setting, by the name it has in words ("logs: collect"), is not to go unseen from `old` to `new`."""
    name = setting.partition(":")[0].partition(" ")[0]
    match name, new:
        case "guardrails", _:
            weaker = old == "block" or new == OFF
            return (Danger.UNGUARDED, f"{setting} is {_lost(new)}") if weaker else None
        case "dlp", _:
            weaker = new == OFF or "enabled: false" in new or (old.startswith("block") and not new.startswith("block"))
            return (Danger.UNGUARDED, f"{setting} is {_lost(new)}") if weaker else None
        case "spendLimits", _:
            return _limit(f"spend limit {setting.partition(' ')[2]}", old, new)
    match setting, new:
        case "rateLimit", _:
            return _limit("rate limit", old, new)
        case "authenticated", "false":
            return Danger.OPEN, "anyone who knows its URL can use it"
        case "byokOnly", "false":
            return Danger.LIMIT, "what has no key of its own may be billed by Cloudflare"
        case "zeroDataRetention", "false":
            return Danger.OTHER, "providers may keep prompts"
        case "cache", "off":
            return Danger.QUIET, "caching is turned off"
        case "logs: collect", "false":
            return Danger.QUIET, "logs are turned off"
        case "logs: collect", "true":
            return Danger.OTHER, "prompts and answers are stored"
        case "logs: push", "false":
            return Danger.QUIET, "logs are not exported any more"
    return None


def _lost(new: str) -> str:
    return "off" if new == OFF else "weaker"


def _limit(what: str, old: str, new: str) -> tuple[Danger, str] | None:
    if new in (OFF, NONE) or "enabled: false" in new:
        return Danger.LIMIT, f"the {what} is removed"
    before, after = (parse_quantity(each.partition(",")[0]) for each in (old, new))
    if before is None or after is None:
        return None
    times = after.amount * before.period / (before.amount * after.period)
    return (Danger.LIMIT, f"the {what} is raised {times:g}-fold") if times >= MUCH else None
