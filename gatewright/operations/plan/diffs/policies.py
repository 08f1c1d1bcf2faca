"""Differences of a gateway's policies, and what they decide on the requests of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.policy_verdicts import policy_verdicts
from gatewright.environment.risks import Risk
from gatewright.facts.gateway_policies import ALL, ALWAYS, BLOCK, EVERYONE, LIMIT
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing, is_unknown, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.environment.resolved import Environment

    Properties = Mapping[str, Any]

POLICIES = "policies"
FIRST = (
    "the first policy: from then on Cloudflare refuses every request that no policy allows (403), within 15 minutes; "
    "cached answers pass"
)


def policy_summary(properties: Properties) -> list[Difference]:
    """The first policies of a gateway."""
    policies = properties.get(POLICIES) or {}
    return [
        Difference("", Risk.CLOSED, FIRST),
        *(Difference(f"{name}: {describe(policy)}", path=name) for name, policy in policies.items()),
    ]


def policy_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The policies that are added, changed and removed, and other properties by their names."""
    old, new = before.get(POLICIES) or {}, after.get(POLICIES) or {}
    differences = [_difference(name, old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old))]
    others = [
        name
        for name in differing(before, after, reported)
        if name not in (POLICIES, "ids", "requests") and not is_unknown(after.get(name))
    ]
    return [difference for difference in differences if difference] + by_name(others, before, after)


def _difference(name: str, old: Properties | None, new: Properties | None) -> Difference | None:
    if old == new:
        return None
    if new is None:
        risk = (Risk.LIMIT, "what it refused is allowed") if _denies(old) else (Risk.CALLERS, _REFUSED)
        return Difference(f"removed {name}", *risk)
    if old is None:
        risk = (Risk.CALLERS, f"policy {name} refuses requests") if _denies(new) else (Risk.LIMIT, _ALLOWED)
        return Difference(f"added {name}: {describe(new)}", *risk, path=name)
    text = f"{name}: {describe(old)} {ARROW} {describe(new)}"
    return Difference(text, Risk.CALLERS, f"policy {name} decides on other requests", name)


_REFUSED = "requests that no other policy allows are refused"
_ALLOWED = "more requests are allowed"


def describe(policy: Properties) -> str:
    """`deny anthropic/claude-opus-* if metadata.team != "research"`."""
    action, resource = policy["action"], policy["resource"]
    names = [name for kind in resource.values() for name in kind] if isinstance(resource, dict) else []
    what = "everything" if resource == ALL else ", ".join(map(shown, names))
    if action["type"] == BLOCK:
        text = f"deny everything except {what}" if action.get("except") else f"deny {what}"
    elif action["type"] == LIMIT:
        text = f"allow {what} up to {action['amount']:g} USD {action['period']}"
    else:
        text = f"allow {what}"
    text += "" if policy["actor"] == EVERYONE else f" for {shown(policy['actor'])}"
    return text if policy["condition"] == ALWAYS else f"{text} if {shown(policy['condition'])}"


def simulated(environment: Environment) -> list[Difference]:
    """What the policies decide, for each client, role and token: `simulated: pi: 3 models allowed`."""
    return [Difference(f"simulated: {verdicts.describe()}") for verdicts in policy_verdicts(environment)]


def _denies(policy: Properties | None) -> bool:
    return policy is not None and policy["action"]["type"] == BLOCK
