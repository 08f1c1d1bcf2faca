"""Differences of an account token: permissions, addresses, validity."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.facts.permissions import GROUPS
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, changed, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Properties = Mapping[str, Any]

DESCRIBED = ("accountId", "name", "policies", "condition", "expiresOn", "notBefore", "status")
ANY_ADDRESS = "any address"
EVERYWHERE = ("0.0.0.0/0", "::/0")
ALLOW, DENY = "allow", "deny"
REFUSED = "its users are refused"
_NAMES = {group.id: group.name for group in GROUPS if group.id}
_HARMLESS = ("Read", "Run")
"""Last words of the permissions that change nothing at Cloudflare."""
_ACCOUNT, _ZONE = "com.cloudflare.api.account.", "com.cloudflare.api.account.zone."


def token_differences(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """The differences between two property maps of an AccountToken."""
    others = [name for name in differing(before, after, reported) if name not in DESCRIBED]
    return [
        *_allowed(before, after),
        *_denied(before, after),
        *_scopes(before, after),
        *_addresses(before, after),
        *_validity(before, after),
        *_status(before, after),
        *_name(before, after),
        *by_name(others, before, after),
    ]


def token_summary(properties: Properties) -> list[Difference]:
    """The permissions, addresses and validity of a new token."""
    addresses = _condition(properties)
    facts = (
        ("may: ", permissions(properties)),
        ("may not: ", permissions(properties, DENY)),
        ("from ", addresses["ins"]),
        ("not from ", addresses["notIns"]),
        ("valid from ", [_day(properties["notBefore"])] if properties.get("notBefore") else []),
        ("until ", [_day(properties["expiresOn"])] if properties.get("expiresOn") else []),
    )
    texts = [f"{label}{', '.join(values)}" for label, values in facts if values]
    writes = [name for name in permissions(properties) if name.rpartition(" ")[2] not in _HARMLESS]
    risk = (Risk.POWER, f"may use {', '.join(writes)}") if writes else ()
    return [Difference(text, *(risk if text.startswith("may: ") else ())) for text in texts]


def permissions(properties: Properties, effect: str = ALLOW) -> list[str]:
    """The permissions that a token has, or is denied: Cloudflare's names, or ids of unknown groups."""
    return sorted({name for policy in _policies(properties, effect) for name in _groups(policy)})


def _allowed(before: Properties, after: Properties) -> Iterator[Difference]:
    old, new = permissions(before), permissions(after)
    if gained := ", ".join(name for name in new if name not in old):
        text = f"gains {gained} (was: {', '.join(old) or 'nothing'})"
        yield Difference(text, Risk.POWER, f"gains {gained}")
    if lost := ", ".join(name for name in old if name not in new):
        yield Difference(f"loses {lost}", Risk.CALLERS, f"loses {lost}: requests that need it are refused")


def _denied(before: Properties, after: Properties) -> Iterator[Difference]:
    old, new = permissions(before, DENY), permissions(after, DENY)
    if denied := ", ".join(name for name in new if name not in old):
        yield Difference(f"is denied {denied}", Risk.CALLERS, f"requests that need {denied} are refused")
    if released := ", ".join(name for name in old if name not in new):
        text = f"is no longer denied {released}"
        yield Difference(text, Risk.POWER, text)


def _scopes(before: Properties, after: Properties) -> Iterator[Difference]:
    """The resources that permissions apply to; each policy's where only the assignment differs."""
    old, new = ({effect: _resources(side, effect) for effect in (ALLOW, DENY)} for side in (before, after))
    for effect, label, reason in (
        (ALLOW, "applies to", "it applies to other resources"),
        (DENY, "is denied that on", "it is denied on other resources"),
    ):
        if old[effect] and new[effect] and old[effect] != new[effect]:
            narrower = new[effect] < old[effect] if effect == ALLOW else new[effect] > old[effect]
            text = f"{label} {', '.join(sorted(old[effect]))} {ARROW} {', '.join(sorted(new[effect]))}"
            refused = Risk.CALLERS, "requests for other resources are refused"
            yield Difference(text, *(refused if narrower else (Risk.POWER, reason)))
    old_policies, new_policies = "; ".join(_policy_texts(before)), "; ".join(_policy_texts(after))
    if old == new and old_policies != new_policies and permissions(before) == permissions(after):
        yield Difference(f"{old_policies} {ARROW} {new_policies}", Risk.POWER, "it applies to other resources")


def _addresses(before: Properties, after: Properties) -> Iterator[Difference]:
    old, new = _condition(before), _condition(after)
    if old["ins"] != new["ins"]:
        wider = not covers(old["ins"] or EVERYWHERE, new["ins"] or EVERYWHERE)
        narrower = not covers(new["ins"] or EVERYWHERE, old["ins"] or EVERYWHERE)
        yield from _address_differences("from", old["ins"], new["ins"], ANY_ADDRESS, wider=wider, narrower=narrower)
    if old["notIns"] != new["notIns"]:
        wider, narrower = not covers(new["notIns"], old["notIns"]), not covers(old["notIns"], new["notIns"])
        yield from _address_differences(
            "not from", old["notIns"], new["notIns"], "none", wider=wider, narrower=narrower
        )


def _address_differences(
    label: str, old: list[str], new: list[str], default: str, *, wider: bool, narrower: bool
) -> Iterator[Difference]:
    text = f"{label} {', '.join(old) or default} {ARROW} {', '.join(new) or default}"
    reasons = []
    if wider:
        is_open = label == "from" and not new
        reasons.append((Risk.OPEN, f"accepted from {ANY_ADDRESS if is_open else 'more addresses'}"))
    if narrower:
        reasons.append((Risk.CALLERS, "requests from other addresses are refused"))
    yield Difference(text, *(reasons[0] if reasons else ()))
    yield from (Difference("", *reason) for reason in reasons[1:])


def covers(ranges: Sequence[str], others: Sequence[str]) -> bool:
    """Whether every address of `others` is in one of `ranges`; both are addresses or ranges in CIDR notation."""
    return all(any(_contains(range_, other) for range_ in ranges) for other in others)


def _contains(range_: str, other: str) -> bool:
    try:
        outer, inner = ip_network(range_, strict=False), ip_network(other, strict=False)
    except ValueError:
        return range_ == other
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)


def _validity(before: Properties, after: Properties) -> Iterator[Difference]:
    for name, label, default in (("notBefore", "valid from", "creation"), ("expiresOn", "until", "deletion")):
        old, new = before.get(name), after.get(name)
        if old != new:
            text = f"{label} {_day(old) if old else default} {ARROW} {_day(new) if new else default}"
            yield Difference(text, *_validity_risk(name, old, new))


def _validity_risk(name: str, old: str | None, new: str | None) -> tuple[()] | tuple[Risk, str]:
    if name == "expiresOn":
        if not new:
            return Risk.POWER, "it no longer expires"
        return (Risk.CALLERS, f"{REFUSED} from {_day(new)} on") if not old or new < old else ()
    return (Risk.CALLERS, f"{REFUSED} before {_day(new)}") if new and (not old or new > old) else ()


def _status(before: Properties, after: Properties) -> Iterator[Difference]:
    for difference in by_name([name for name in ("status",) if before.get(name) != after.get(name)], before, after):
        disabled = after.get("status") not in (None, "active")
        yield replace(difference, risk=Risk.CALLERS, reason=REFUSED) if disabled else difference


def _name(before: Properties, after: Properties) -> Iterator[Difference]:
    if before.get("name") != after.get("name"):
        yield changed("name", str(before.get("name")), str(after.get("name")))


def _condition(properties: Properties) -> dict[str, list[str]]:
    condition = (properties.get("condition") or {}).get("requestIp") or {}
    return {side: sorted(condition.get(side) or ()) for side in ("ins", "notIns")}


def _policies(properties: Properties, effect: str) -> list[Properties]:
    return [policy for policy in properties.get("policies") or () if policy.get("effect") == effect]


def _groups(policy: Properties) -> list[str]:
    ids = (group["id"] for group in policy.get("permissionGroups") or ())
    return sorted({_NAMES.get(id_, id_) for id_ in ids})


def _policy_texts(properties: Properties) -> list[str]:
    """`AI Gateway Run on account a` for each policy."""
    return sorted(
        f"{'not ' if effect == DENY else ''}{', '.join(_groups(policy))} on {', '.join(_policy_resources(policy))}"
        for effect in (ALLOW, DENY)
        for policy in _policies(properties, effect)
    )


def _resources(properties: Properties, effect: str) -> frozenset[str]:
    return frozenset(name for policy in _policies(properties, effect) for name in _policy_resources(policy))


def _policy_resources(policy: Properties) -> list[str]:
    """The resources of a policy; as the API has them where their form is unknown."""
    value = policy.get("resources")
    try:
        resources = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        resources = None
    if not isinstance(resources, dict):
        return [str(value)]
    return sorted(text for name, scope in resources.items() for text in _resource_texts(name, scope))


def _resource_texts(name: str, scope: Any) -> list[str]:
    if isinstance(scope, dict):
        return [
            f"{text} of {_resource(name)}" for inner, more in scope.items() for text in _resource_texts(inner, more)
        ]
    return [_resource(name)] if scope == "*" else [f"{_resource(name)} {json.dumps(scope)}"]


def _resource(name: str) -> str:
    for prefix, kind in ((_ZONE, "zone"), (_ACCOUNT, "account")):
        if name.startswith(prefix):
            id_ = name.removeprefix(prefix)
            return f"all {kind}s" if id_ == "*" else f"{kind} {id_}"
    return name


def _day(timestamp: Any) -> str:
    return str(timestamp).removesuffix("T00:00:00Z")
