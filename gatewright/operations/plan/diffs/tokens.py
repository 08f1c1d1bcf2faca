"""What changes of an account token: what it may do, from where, until when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.environment.risks import Risk
from gatewright.facts.permissions import GROUPS
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Properties = Mapping[str, Any]

KNOWN = ("accountId", "name", "policies", "condition", "expiresOn", "notBefore")
_NAMES = {group.id: group.name for group in GROUPS if group.id}
ANYWHERE = "any address"
ALLOW, DENY = "allow", "deny"
_ACCOUNT, _ZONE = "com.cloudflare.api.account.", "com.cloudflare.api.account.zone."


def token_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of AccountToken's properties."""
    left = [name for name in differing(old, new, told) if name not in KNOWN]
    found = [*_permissions(old, new), *_addresses(old, new), *_moments(old, new), *_renamed(old, new)]
    return [*found, *by_name(left, old, new)]


def token_summary(new: Properties) -> list[Difference]:
    """What a new token may do."""
    sides = _sides(new)
    said = (
        ("may: ", permissions(new)),
        ("may not: ", permissions(new, DENY)),
        ("from ", sides["ins"]),
        ("not from ", sides["notIns"]),
        ("valid from ", [_day(new["notBefore"])] if new.get("notBefore") else []),
        ("until ", [_day(new["expiresOn"])] if new.get("expiresOn") else []),
    )
    return [Difference(f"{begin}{', '.join(names)}") for begin, names in said if names]


def permissions(properties: Properties, effect: str = ALLOW) -> list[str]:
    """What a token may do, or may not, by Cloudflare's names; the id of a group that is not among the known ones."""
    return sorted({name for policy in _policies(properties, effect) for name in _groups(policy)})


def _permissions(old: Properties, new: Properties) -> Iterator[Difference]:
    before, after = permissions(old), permissions(new)
    gained = [name for name in after if name not in before]
    lost = [name for name in before if name not in after]
    if gained:
        names = ", ".join(gained)
        yield Difference(f"gains {names} (was: {', '.join(before) or 'nothing'})", Risk.POWER, f"gains {names}")
    if lost:
        yield Difference(f"loses {', '.join(lost)}")
    yield from _denied(permissions(old, DENY), permissions(new, DENY))
    yield from _applying(old, new)


def _denied(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    if refused := [name for name in after if name not in before]:
        yield Difference(f"is denied {', '.join(refused)}")
    if free := [name for name in before if name not in after]:
        words = f"is not denied {', '.join(free)} any more"
        yield Difference(words, Risk.POWER, words)


def _applying(old: Properties, new: Properties) -> Iterator[Difference]:
    """What it applies to; where each permission does, if that alone differs."""
    was, now = ({effect: _scopes(each, effect) for effect in (ALLOW, DENY)} for each in (old, new))
    if was[ALLOW] != now[ALLOW] and was[ALLOW] and now[ALLOW]:
        reason = () if now[ALLOW] < was[ALLOW] else (Risk.POWER, "what it applies to changes")
        yield Difference(f"applies to {_listed(was[ALLOW])} {ARROW} {_listed(now[ALLOW])}", *reason)
    if was[DENY] != now[DENY] and was[DENY] and now[DENY]:
        reason = () if now[DENY] > was[DENY] else (Risk.POWER, "what it is denied changes")
        yield Difference(f"is denied that on {_listed(was[DENY])} {ARROW} {_listed(now[DENY])}", *reason)
    if was == now and _each(old) != _each(new) and permissions(old) == permissions(new):
        words = f"{'; '.join(_each(old))} {ARROW} {'; '.join(_each(new))}"
        yield Difference(words, Risk.POWER, "what it applies to changes")


def _addresses(old: Properties, new: Properties) -> Iterator[Difference]:
    before, after = _sides(old), _sides(new)
    if before["ins"] != after["ins"]:
        opened = not after["ins"] or (before["ins"] and not set(after["ins"]) <= set(before["ins"]))
        reason = "it is accepted from any address" if not after["ins"] else "it is accepted from more addresses"
        words = f"from {', '.join(before['ins']) or ANYWHERE} {ARROW} {', '.join(after['ins']) or ANYWHERE}"
        yield Difference(words, Risk.OPEN, reason) if opened else Difference(words)
    if before["notIns"] != after["notIns"]:
        words = f"not from {', '.join(before['notIns']) or 'none'} {ARROW} {', '.join(after['notIns']) or 'none'}"
        fewer = not set(before["notIns"]) <= set(after["notIns"])
        yield Difference(words, Risk.OPEN, "it is accepted from more addresses") if fewer else Difference(words)


def _moments(old: Properties, new: Properties) -> Iterator[Difference]:
    for name, word, never in (("notBefore", "valid from", "at once"), ("expiresOn", "until", "it is removed")):
        before, after = old.get(name), new.get(name)
        if before != after:
            words = f"{word} {_day(before) if before else never} {ARROW} {_day(after) if after else never}"
            endless = name == "expiresOn" and not after
            yield Difference(words, Risk.POWER, "it does not end any more") if endless else Difference(words)


def _renamed(old: Properties, new: Properties) -> Iterator[Difference]:
    if old.get("name") != new.get("name"):
        yield Difference(f"name {old.get('name')} {ARROW} {new.get('name')}")


def _sides(properties: Properties) -> dict[str, list[str]]:
    condition = (properties.get("condition") or {}).get("requestIp") or {}
    return {side: sorted(condition.get(side) or ()) for side in ("ins", "notIns")}


def _policies(properties: Properties, effect: str) -> list[Properties]:
    return [policy for policy in properties.get("policies") or () if policy.get("effect") == effect]


def _groups(policy: Properties) -> list[str]:
    ids = (group["id"] for group in policy.get("permissionGroups") or ())
    return sorted({_NAMES.get(each, each) for each in ids})


def _each(properties: Properties) -> list[str]:
    """Its policies, one by one: `AI Gateway Run on account a`."""
    said = [
        f"{'not ' if effect == DENY else ''}{', '.join(_groups(policy))} on {', '.join(_resources(policy))}"
        for effect in (ALLOW, DENY)
        for policy in _policies(properties, effect)
    ]
    return sorted(said)


def _scopes(properties: Properties, effect: str) -> frozenset[str]:
    return frozenset(each for policy in _policies(properties, effect) for each in _resources(policy))


def _resources(policy: Properties) -> list[str]:
    """What a policy applies to; as the API has it where that is nothing known."""
    written = policy.get("resources")
    try:
        resources = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        resources = None
    if not isinstance(resources, dict):
        return [str(written)]
    return sorted(word for name, inner in resources.items() for word in _resource(name, inner))


def _resource(name: str, inner: Any) -> list[str]:
    if isinstance(inner, dict):
        return [f"{word} of {_thing(name)}" for below, more in inner.items() for word in _resource(below, more)]
    return [_thing(name)] if inner == "*" else [f"{_thing(name)} {json.dumps(inner)}"]


def _thing(name: str) -> str:
    for begin, called in ((_ZONE, "zone"), (_ACCOUNT, "account")):
        if name.startswith(begin):
            which = name.removeprefix(begin)
            return f"all {called}s" if which == "*" else f"{called} {which}"
    return name


def _listed(scopes: Iterable[str]) -> str:
    return ", ".join(sorted(scopes))


def _day(moment: Any) -> str:
    return str(moment).removesuffix("T00:00:00Z")
