"""Differences of Cloudflare Access: the application, its policies and the service token, with their risks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.facts.access import SERVICE_AUTH
from gatewright.io.printable import plural
from gatewright.operations.plan.diffs.others import plain_differences
from gatewright.operations.plan.diffs.values import Difference, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.environment.resolved import Environment

    Properties = Mapping[str, Any]

NEW_TOKEN = "a new service token"  # noqa: S105 - words
OPENED = "a gateway token alone is enough for the domains again"


def cut_off(environment: Environment) -> Difference:
    """The risk of a new application: whom it cuts off."""
    hosts = ", ".join(environment.gateway.domains)
    clients = ", ".join(name for name, client in environment.clients.items() if client.domain_access)
    reason = f"requests to {hosts} with a gateway token alone are blocked"
    if clients:
        reason += f": {clients} until installed again and restarted with the service token, and all unknown callers"
    return Difference("", Risk.CALLERS, f"{reason}; Cloudflare's own address stays open")


def application_summary(properties: Properties) -> list[Difference]:
    """The host names of a new application."""
    uris = [destination["uri"] for destination in properties.get("destinations") or ()]
    return [Difference(f"in front of {', '.join(uris)}")]


def policy_summary(properties: Properties) -> list[Difference]:
    """Who passes by a new policy."""
    rules = [_rule(rule) for rule in properties.get("includes") or ()]
    if properties.get("decision") == SERVICE_AUTH:
        return [Difference(f"lets {plural(len(rules), 'service token')} pass")]
    return [Difference(f"lets {', '.join(rules)} pass after a login")]


def policy_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The differences between two property maps of a policy: who passes, and everything else by its name."""
    old, new = ([_rule(rule) for rule in side.get("includes") or ()] for side in (before, after))
    others = [{name: value for name, value in side.items() if name != "includes"} for side in (before, after)]
    added, removed = [rule for rule in new if rule not in old], [rule for rule in old if rule not in new]
    differences = [Difference(f"+ {rule}", Risk.POWER, f"{rule} passes too", path="allow") for rule in added]
    differences += [Difference(f"- {rule}", Risk.CALLERS, f"{rule} is blocked", path="allow") for rule in removed]
    for difference in plain_differences(others[0], others[1], [path for path in reported if path != "includes"]):
        is_decision = difference.text.startswith("decision ")
        reason = "another decision for those who match" if is_decision else ""
        differences.append(Difference(difference.text, Risk.POWER if is_decision else None, reason))
    return differences


def service_token_summary(properties: Properties) -> list[Difference]:
    """How long a new service token is valid."""
    hours = str(properties.get("duration", "")).removesuffix("h")
    return [Difference(f"valid for {plural(int(hours) // 24, 'day')}")] if hours.isdecimal() else []


def _rule(rule: Mapping[str, Any]) -> str:
    """One rule in words."""
    kind = next((name for name, value in rule.items() if value), "")
    text = str(next(iter(rule[kind].values()), "")) if kind else ""
    match kind:
        case "email":
            return text
        case "emailDomain":
            return f"@{text}"
        case "group":
            return f"group {text}"
        case "serviceToken":
            return NEW_TOKEN if is_unknown(text) else f"service token {text}"
    return kind
