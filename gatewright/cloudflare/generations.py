"""Which generations of a rotating token live now: a pure function of its settings, the clock and one listing.

A generation is made when its slot of the calendar begins, or, early, when `epoch` was raised. It ends a `lifetime`
after its start, which stands in its name, whenever it was made; after an early start up to a day later, so that it
outlives its successor's slot as long as any other. At most two are valid; a third that is due waits.

What holds: while no two successful runs lie further apart than `every` and `lifetime - every`, whichever is shorter,
the token in the outputs is valid at every instant, however late its consumers are. Early rotations and changed
settings put generations closer together, by a day at least: they ask for a run a day, and an overlap of a day. A run
a lifetime is not enough: two may be valid when it comes, and it may not make a third, nor revoke and make in one go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gatewright.clock import format_date, format_time, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from gatewright.cloudflare.account_tokens import AccountToken
    from gatewright.environment.model.environment_file import Rotate

DAY = 86_400
_LABEL = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})Z)?(?:\.([1-9][0-9]{0,6}))?")


@dataclass(frozen=True, slots=True)
class Rotation:
    """Settings in seconds. `every` None: it does not rotate any more."""

    every: int | None
    overlap: int = DAY
    lifetime: int = 0
    epoch: int = 1

    @classmethod
    def of(cls, rotate: Rotate | None) -> Rotation:
        """Of an environment's `rotate`; None is a rotation that has ended."""
        if rotate is None:
            return cls(None)
        every, overlap = rotate.every.seconds, rotate.overlap.seconds
        lifetime = rotate.lifetime.seconds if rotate.lifetime else 2 * (every + overlap)
        return cls(every, overlap, lifetime, rotate.epoch)

    @property
    def step(self) -> int:
        """How far the starts of two generations lie apart at least."""
        return min(DAY, self.lifetime - (self.every or 0))

    def slot(self, now: int) -> int:
        """When the slot of the calendar that holds `now` began."""
        return now // self.every * self.every if self.every else 0

    def next_slot(self, start: int) -> int:
        """When the calendar brings the successor of a generation that starts then."""
        return self.slot(start + self.step - 1) + (self.every or 0)

    def end(self, start: int) -> int:
        """When a generation that starts then ends."""
        return max(start, self.next_slot(start) - (self.every or 0)) + self.lifetime


@dataclass(frozen=True, slots=True)
class Generation:
    """One of a token's generations; all times in seconds since 1970.

    The token that was there before any rotation has start 0 and epoch 0. `ends` None: never.
    """

    start: int
    epoch: int
    ends: int | None
    issued: int | None = None
    """None: it is not at Cloudflare yet."""
    used: int | None = None
    active: bool = True
    ids: frozenset[str] = frozenset()
    """More than one where a run was stopped after it had made one, and before it knew."""

    @property
    def suffix(self) -> str:
        """What the generation's name has beyond its token's: 2026-11-14, or 2026-11-14.2 of a later epoch."""
        if not self.epoch:
            return ""
        return format_date(self.start).replace(":", "") + (f".{self.epoch}" if self.epoch > 1 else "")

    @property
    def expires_on(self) -> str | None:
        """As Cloudflare takes it."""
        return format_timestamp(self.ends) if self.ends is not None else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is so now: `live` from the oldest to the newest, one of which may be new; `retiring` may go, if all of
    `live` are in the stack already; `notes` say what is due, and what waits and why."""

    live: tuple[Generation, ...]
    retiring: tuple[Generation, ...]
    notes: tuple[str, ...]

    @property
    def newest(self) -> Generation:
        return self.live[-1]


def plan(name: str, rotation: Rotation, now: int, found: Sequence[Generation]) -> Plan:
    """What is so of token `name` at `now`, when Cloudflare has `found`."""
    alive = [each for each in found if each.ends is None or each.ends > now]
    new = _due(rotation, now, alive)
    notes = []
    if new and len(alive) > 1:
        notes.append(f"a new one is due, and waits until {called(name, alive[0])} is gone")
        new = None
    kept = _ending(rotation, now, alive)
    if new:
        ends = kept[-1].ends if kept else None
        if new.ends is not None and ends is not None:
            new = replace(new, ends=max(new.ends, ends + rotation.step))
        return Plan((*kept, new), (), tuple(notes))
    retiring = []
    for old, successor in pairwise(kept):
        why = _why_it_stays(rotation, now, old, successor)
        if why:
            notes.append(f"{called(name, old)} stays: {why}")
        else:
            retiring.append(old)
            notes.append(f"{called(name, old)} retires: {_last_use(old)}, and its successor is in place")
    return Plan(tuple(each for each in kept if each not in retiring), tuple(retiring), tuple(notes))


def called(name: str, generation: Generation) -> str:
    """The name of a generation's resource: agents-2026-11-14."""
    return "-".join(filter(None, (name, generation.suffix)))


def token_of(resource: str, tokens: Container[str]) -> str:
    """The token that a resource, by its name, is a generation of: agents for agents-2026-11-14."""
    match = re.fullmatch(rf"(.+)-{_LABEL.pattern}", resource)
    return match[1] if match and resource not in tokens else resource


def next_due(rotation: Rotation, newest: Generation) -> int | None:
    """When the calendar brings the successor of `newest`; None where it brings none."""
    return None if rotation.every is None else rotation.next_slot(newest.start)


def generations(base: str, listed: Iterable[AccountToken]) -> list[Generation]:
    """Those of the token called `base` at Cloudflare, from the oldest to the newest."""
    found: dict[tuple[int, int], Generation] = {}
    for token in listed:
        identity = _identity(base, token.name)
        if identity:
            one = Generation(
                *identity,
                ends=_seconds(token.expires_on),
                issued=_seconds(token.issued_on),
                used=_seconds(token.last_used_on),
                active=token.status != "disabled",
                ids=frozenset([token.id]),
            )
            found[identity] = _together(found[identity], one) if identity in found else one
    return [found[identity] for identity in sorted(found)]


def _due(rotation: Rotation, now: int, alive: Sequence[Generation]) -> Generation | None:
    newest = alive[-1] if alive else None
    if rotation.every is None:
        return None if newest else Generation(0, 0, None)
    start, today = rotation.slot(now), now // DAY * DAY
    if newest and start < newest.start + rotation.step:
        if rotation.epoch <= newest.epoch:
            return None
        start = max(today, newest.start + rotation.step)
    elif newest and (newest.ends is None or not newest.epoch):
        start = max(start, today)  # after one outside the calendar: a whole overlap must fit before its end
    return Generation(start, rotation.epoch, rotation.end(start))


def _ending(rotation: Rotation, now: int, alive: Sequence[Generation]) -> list[Generation]:
    """`alive` with their ends as the settings have them: a shorter life counts only where that cuts nobody off."""
    if rotation.every is None:
        return [*alive[:-1], *(replace(each, ends=None) for each in alive[-1:])]
    kept: list[Generation] = []
    for index, each in enumerate(alive):
        wanted, soonest = rotation.end(each.start), now + rotation.overlap + rotation.step
        if each.ends is None and index + 1 < len(alive):
            successor = alive[index + 1]  # an end of its own it has none: a step before its successor's
            wanted = rotation.end(successor.start) - rotation.step
            soonest = max(now, (successor.issued or now) + rotation.overlap)
        fits = wanted >= soonest or (each.ends is not None and wanted >= each.ends)
        ends = wanted if fits else each.ends
        if kept and kept[-1].ends is not None and ends is not None:
            ends = max(ends, kept[-1].ends + rotation.step)  # else the older, which a stray may prolong, outlives it
        kept.append(replace(each, ends=ends))
    return kept


def _why_it_stays(rotation: Rotation, now: int, old: Generation, successor: Generation) -> str | None:
    if not successor.active or successor.issued is None:
        return "its successor is disabled"
    until = successor.issued + rotation.overlap
    if now < until:
        return (
            f"its successor was made on {format_time(successor.issued)}, and both are valid until {format_time(until)}"
        )
    if old.used is not None and now < old.used + DAY:
        end = f", at the latest until {format_time(old.ends)}" if old.ends is not None else ""
        return f"it was used on {format_time(old.used)}{end}"
    return None


def _last_use(old: Generation) -> str:
    return f"it was last used on {format_time(old.used)}" if old.used is not None else "it was never used"


def _identity(base: str, name: str) -> tuple[int, int] | None:
    """Start and epoch, from a name at Cloudflare: <base>/2026-11-14.2"""
    if name == base:
        return 0, 0
    match = _LABEL.fullmatch(name.removeprefix(f"{base}/")) if name.startswith(f"{base}/") else None
    if match is None:
        return None
    time = ":".join(match.group(2, 3, 4)) if match[2] else "00:00:00"
    return parse_timestamp(f"{match[1]}T{time}Z", name), int(match[5] or 1)


def _seconds(text: str | None) -> int | None:
    return parse_timestamp(text) if text else None


def _together(one: Generation, other: Generation) -> Generation:
    """Two tokens of one name, as one generation: the later of their dates."""
    return replace(
        one,
        ends=None if one.ends is None or other.ends is None else max(one.ends, other.ends),
        issued=max(one.issued or 0, other.issued or 0),
        used=max(one.used or 0, other.used or 0) or None,
        active=one.active or other.active,
        ids=one.ids | other.ids,
    )
