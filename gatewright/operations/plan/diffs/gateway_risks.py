"""Which changes of a gateway are to be looked at twice, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.quantities import parse_quantity
from gatewright.operations.plan.diffs.limit_risks import limit_risk
from gatewright.operations.plan.diffs.values import Risk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.quantities import Quantity

    Settings = Mapping[str, Any]
    RiskWithReason = tuple[Risk, str] | None

OFF, NONE = "off", "none"
_BOTH = ("request", "response")


def gateway_risk(setting: str, old: str, new: str, was: Settings, now: Settings) -> RiskWithReason:
    """Why a setting, by the name it has in words ("logs: collect"), is not to go unseen from `old` to `new`; `was` and
    `now` are all settings, as a file has them."""
    head, _, rest = setting.partition(": ")
    match head.partition(" ")[0]:
        case "guardrails":
            return _weaker(setting, new) if old == "block" or new == OFF else None
        case "dlp":
            return _dlp(setting, rest.removeprefix("policy "), new, _section(was, "dlp"), _section(now, "dlp"))
        case "spendLimits":
            name = head.partition(" ")[2]
            return _spend(f"spend limit {name}", _named(was, "spendLimits", name), _named(now, "spendLimits", name))
        case "rateLimit" if not rest:
            return limit_risk("rate limit", _quantity(was.get("rateLimit")), _quantity(now.get("rateLimit")))
    return _plain(setting, old, new)


def _plain(setting: str, old: str, new: str) -> RiskWithReason:
    match setting, new:
        case "authenticated", "false":
            return Risk.OPEN, "anyone who knows its URL can use it"
        case "byokOnly", "false":
            return Risk.LIMIT, "what has no key of its own may be billed by Cloudflare"
        case "zeroDataRetention", "false":
            return Risk.OTHER, "providers may keep prompts"
        case "cache", "off":
            return Risk.QUIET, "caching is turned off"
        case "logs: collect", "false":
            return Risk.QUIET, "logs are turned off"
        case "logs: collect", "true":
            return Risk.OTHER, "prompts and answers are stored"
        case "logs: push", "false":
            return Risk.QUIET, "logs are not exported any more"
        case "logs: max", _ if int(new) < int(old):
            return Risk.QUIET, "fewer logs are kept"
    return None


def _dlp(setting: str, part: str, new: str, was: Settings, now: Settings) -> RiskWithReason:
    if new == OFF or (part == "enabled" and new == "false"):
        return _weaker("dlp" if part in ("", "enabled") else setting, OFF)
    if part in ("action", "profiles"):
        return _weaker(setting, new) if _finds_less({part: was.get(part)}, {part: now.get(part)}) else None
    before, after = _named(was, "policies", part), _named(now, "policies", part)
    return _weaker(setting, new) if part and _finds_less(before, after) else None


def _finds_less(before: Settings, after: Settings) -> bool:
    """Whether a policy of data loss prevention lets more through than it did."""
    if not before or not before.get("enabled", True):
        return False
    fewer = any(
        not set(before.get(name) or usual) <= set(after.get(name) or usual)
        for name, usual in (("check", _BOTH), ("profiles", ()))
    )
    milder = before.get("action") == "block" and after.get("action") != "block"
    return milder or fewer or not after.get("enabled", True)


def _spend(what: str, before: Settings, after: Settings) -> RiskWithReason:
    old, new = _quantity(before), _quantity(after)
    if not before.get("enabled", True):
        return None
    if new is None or not after.get("enabled", True):
        return limit_risk(what, old, None)
    raised = limit_risk(what, old, new)
    return raised or ((Risk.LIMIT, f"the {what} counts fewer requests") if _counts_fewer(before, after) else None)


def _counts_fewer(before: Settings, after: Settings) -> bool:
    """Whether requests that counted do not any more, or each value counts by itself now."""
    was, now = _filters(before), _filters(after)
    return any(name not in was or _narrower(was[name], only) for name, only in now.items())


def _filters(rule: Settings) -> dict[str, Any]:
    listed = {name: rule[name] for name in ("providers", "models") if rule.get(name)}
    return listed | {f"metadata.{key}": value for key, value in (rule.get("metadata") or {}).items()}


def _narrower(was: Any, now: Any) -> bool:
    """`each` counts all values, each by itself."""
    if "each" in (was, now):
        return bool(was != now)
    return not set(was) <= set(now)


def _weaker(setting: str, new: str) -> tuple[Risk, str]:
    return Risk.UNGUARDED, f"{setting} is {'off' if new == OFF else 'weaker'}"


def _quantity(section: Settings | None) -> Quantity | None:
    return parse_quantity(str(section["limit"])) if section else None


def _section(settings: Settings, name: str) -> Settings:
    return settings.get(name) or {}


def _named(settings: Settings, key: str, name: str) -> Settings:
    return next((each for each in settings.get(key) or () if each["id"] == name), {})
