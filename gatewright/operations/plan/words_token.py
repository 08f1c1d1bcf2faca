"""What changes of an account token: what it may do, from where, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.facts.permissions import GROUPS
from gatewright.operations.plan.words import ARROW, Danger, Difference, by_name, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Properties = Mapping[str, Any]

KNOWN = ("accountId", "name", "policies", "condition", "expiresOn", "notBefore")
_NAMES = {group.id: group.name for group in GROUPS if group.id}
ANYWHERE = "any address"


def token_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of AccountToken's properties."""
    left = [name for name in differing(old, new, told) if name not in KNOWN]
    found = [*_permissions(old, new), *_addresses(old, new), *_moments(old, new), *_renamed(old, new)]
    return [*found, *by_name(left, old, new)]


def token_summary(new: Properties) -> list[Difference]:
    """What a new token may do."""
    sides = _sides(new)
    allowed = permissions(new)
    words = [f"may: {', '.join(allowed)}"] if allowed else []
    words += [f"from {', '.join(sides['ins'])}"] if sides["ins"] else []
    words += [f"until {_day(new['expiresOn'])}"] if new.get("expiresOn") else []
    return [Difference(each) for each in words]


def permissions(properties: Properties) -> list[str]:
    """What a token may do, by Cloudflare's names; the id of a group that is not among the known ones."""
    groups = (
        group["id"]
        for policy in properties.get("policies") or ()
        if policy.get("effect") == "allow"
        for group in policy.get("permissionGroups") or ()
    )
    return sorted(dict.fromkeys(_NAMES.get(each, each) for each in groups))


def _permissions(old: Properties, new: Properties) -> Iterator[Difference]:
    before, after = permissions(old), permissions(new)
    gained = [name for name in after if name not in before]
    lost = [name for name in before if name not in after]
    if gained:
        names = ", ".join(gained)
        yield Difference(f"gains {names} (was: {', '.join(before) or 'nothing'})", Danger.POWER, f"gains {names}")
    if lost:
        yield Difference(f"loses {', '.join(lost)}")
    if not gained and not lost and _shape(old) != _shape(new):
        risk = "what it applies to changes"
        yield Difference(f"{risk}: {_scope(old)} {ARROW} {_scope(new)}", Danger.POWER, risk)


def _addresses(old: Properties, new: Properties) -> Iterator[Difference]:
    before, after = _sides(old), _sides(new)
    if before["ins"] != after["ins"]:
        opened = not after["ins"] or (before["ins"] and not set(after["ins"]) <= set(before["ins"]))
        risk = "it is accepted from any address" if not after["ins"] else "it is accepted from more addresses"
        words = f"from {', '.join(before['ins']) or ANYWHERE} {ARROW} {', '.join(after['ins']) or ANYWHERE}"
        yield Difference(words, Danger.OPEN, risk) if opened else Difference(words)
    if before["notIns"] != after["notIns"]:
        words = f"not from {', '.join(before['notIns']) or 'none'} {ARROW} {', '.join(after['notIns']) or 'none'}"
        fewer = not set(before["notIns"]) <= set(after["notIns"])
        yield Difference(words, Danger.OPEN, "it is accepted from more addresses") if fewer else Difference(words)


def _moments(old: Properties, new: Properties) -> Iterator[Difference]:
    for name, word, never in (("notBefore", "valid from", "at once"), ("expiresOn", "until", "it is removed")):
        before, after = old.get(name), new.get(name)
        if before != after:
            words = f"{word} {_day(before) if before else never} {ARROW} {_day(after) if after else never}"
            endless = name == "expiresOn" and not after
            yield Difference(words, Danger.POWER, "it does not end any more") if endless else Difference(words)


def _renamed(old: Properties, new: Properties) -> Iterator[Difference]:
    if old.get("name") != new.get("name"):
        yield Difference(f"name {old.get('name')} {ARROW} {new.get('name')}")


def _sides(properties: Properties) -> dict[str, list[str]]:
    condition = (properties.get("condition") or {}).get("requestIp") or {}
    return {side: sorted(condition.get(side) or ()) for side in ("ins", "notIns")}


def _shape(properties: Properties) -> list[tuple[Any, Any]]:
    return [(policy.get("effect"), policy.get("resources")) for policy in properties.get("policies") or ()]


def _scope(properties: Properties) -> str:
    return ", ".join(f"{effect} on {resources}" for effect, resources in _shape(properties)) or "nothing"


def _day(moment: Any) -> str:
    return str(moment).removesuffix("T00:00:00Z")
