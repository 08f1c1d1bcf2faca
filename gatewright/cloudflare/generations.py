"""The generations of a rotating token: a pure function of its settings, the clock and one listing.

A generation is created when its slot of the calendar begins, or earlier, when `epoch` is raised. It ends a `lifetime`
after its start, which is part of its name, whenever it is created. After an early start it ends up to a day later, so
that it outlives its successor's slot as long as any other. At most two generations are valid; a third that is due has
to wait.

Guarantee: while no two successful runs are further apart than `every` and `lifetime - every`, whichever is shorter, the
token in the outputs is valid at every instant, however late its consumers are. Early rotations and changed settings
put generations closer together, by at least a day: they need a run per day, and an overlap of a day. One run per
lifetime is not enough: it may find two valid generations, and then can neither create a third nor revoke one and create
one in the same run.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from gatewright.clock import DAY, format_date, format_time, format_timestamp, parse_timestamp, start_of_day
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from gatewright.cloudflare.account_tokens import AccountToken
    from gatewright.environment.model.rotation import Rotate

UNKNOWN_USE = 0
"""`used` of a generation for which Cloudflare does not return the last use."""

_LABEL = re.compile(r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})Z)?(?:\.([1-9][0-9]{0,6}))?")


@frozen
class Rotation:
    """Settings in seconds. `every` is None for a token that no longer rotates."""

    every: int | None
    overlap: int = DAY
    lifetime: int = 0
    epoch: int = 1

    @classmethod
    def from_settings(cls, rotate: Rotate | None) -> Rotation:
        """The rotation of an environment's `rotate`; None is a rotation that has ended."""
        if rotate is None:
            return cls(None)
        every, overlap = rotate.every.seconds, rotate.overlap.seconds
        lifetime = rotate.lifetime.seconds if rotate.lifetime else 2 * (every + overlap)
        return cls(every, overlap, lifetime, rotate.epoch)

    @property
    def step(self) -> int:
        """The minimum time between the starts of two generations."""
        return min(DAY, self.lifetime - (self.every or 0))

    def slot(self, now: int) -> int:
        """When the current slot of the calendar began."""
        return now // self.every * self.every if self.every else 0

    def next_slot(self, start: int) -> int:
        """When the successor of a generation with this start is due."""
        return self.slot(start + self.step - 1) + (self.every or 0)

    def end(self, start: int) -> int:
        """When a generation with this start ends."""
        return max(start, self.next_slot(start) - (self.every or 0)) + self.lifetime


@frozen
class Generation:
    """One generation; all times in seconds since 1970.

    The token from before any rotation has start 0 and epoch 0. `ends` is None for one that does not rotate (any more):
    it ends as declared, otherwise by `default_end`.
    """

    start: int
    epoch: int
    ends: int | None
    issued: int | None = None
    """None while it is not at Cloudflare yet."""
    used: int | None = None
    active: bool = True
    ids: frozenset[str] = frozenset()
    """Several where a run was stopped after it created one and before it recorded that."""

    @property
    def suffix(self) -> str:
        """The part of its name after the token's: 2026-11-14, or 2026-11-14.2 in a later epoch."""
        if not self.epoch:
            return ""
        return format_date(self.start).replace(":", "") + (f".{self.epoch}" if self.epoch > 1 else "")

    @property
    def expires_on(self) -> str | None:
        """`ends` as Cloudflare accepts it."""
        return format_timestamp(self.ends) if self.ends is not None else None


@frozen
class Plan:
    """The generations of a token now. `live` is ordered from the oldest to the newest, and the newest may be new.
    `retiring` may be deleted if all of `live` are in the stack already. `notes` explain what is due and what waits."""

    live: tuple[Generation, ...]
    retiring: tuple[Generation, ...]
    notes: tuple[str, ...]

    @property
    def newest(self) -> Generation:
        return self.live[-1]


def default_end(now: int) -> int:
    """When a token ends that neither rotates nor has a declared end: with the next calendar year, in UTC.

    All runs of a year agree on it, and the first run of the next year prolongs it.
    """
    return int(datetime(datetime.fromtimestamp(now, UTC).year + 2, 1, 1, tzinfo=UTC).timestamp())


def is_default_end(ends: int | None) -> bool:
    """Whether `ends` may come from `default_end`: midnight of January 1."""
    return ends is not None and format_date(ends).endswith("-01-01")


def plan_generations(name: str, rotation: Rotation, now: int, existing: Sequence[Generation]) -> Plan:
    """Plan the generations of token `name` from those that exist at Cloudflare."""
    alive = [
        _without_default_end(rotation, generation)
        for generation in existing
        if generation.ends is None or generation.ends > now
    ]
    new = _due(rotation, now, alive)
    notes = []
    if new and len(alive) > 1:
        notes.append(f"a new one is due and waits until {generation_name(name, alive[0])} is gone")
        new = None
    kept = _with_ends(rotation, now, alive)
    if new:
        ends = kept[-1].ends if kept else None
        if new.ends is not None and ends is not None:
            new = replace(new, ends=max(new.ends, ends + rotation.step))
        return Plan((*kept, new), (), tuple(notes))
    retiring = []
    for old, successor in pairwise(kept):
        reason = _reason_to_stay(rotation, now, old, successor)
        if reason:
            notes.append(f"{generation_name(name, old)} stays: {reason}")
        else:
            retiring.append(old)
            notes.append(f"{generation_name(name, old)} retires: {_last_use(old)}, and its successor is in place")
    return Plan(tuple(generation for generation in kept if generation not in retiring), tuple(retiring), tuple(notes))


def generation_name(name: str, generation: Generation) -> str:
    """The name of a generation's resource: agents-2026-11-14."""
    return "-".join(filter(None, (name, generation.suffix)))


def token_of_generation(resource: str, tokens: Container[str]) -> str:
    """The token of which a resource is a generation: agents for agents-2026-11-14."""
    match = re.fullmatch(rf"(.+)-{_LABEL.pattern}", resource)
    return match[1] if match and resource not in tokens else resource


def next_due(rotation: Rotation, newest: Generation) -> int | None:
    """When the successor of `newest` is due by the calendar; None where the token does not rotate."""
    return None if rotation.every is None else rotation.next_slot(newest.start)


def existing_generations(base: str, listed: Iterable[AccountToken]) -> list[Generation]:
    """The generations of the token with the name `base` at Cloudflare, from the oldest to the newest."""
    generations: dict[tuple[int, int], Generation] = {}
    for token in listed:
        identity = _identity(base, token.name)
        if identity:
            generation = Generation(
                *identity,
                ends=_seconds(token.expires_on),
                issued=_seconds(token.issued_on),
                used=_seconds(token.last_used_on),
                active=token.status != "disabled",
                ids=frozenset([token.id]),
            )
            known = generations.get(identity)
            generations[identity] = _merged(known, generation) if known else generation
    return [generations[identity] for identity in sorted(generations)]


def _due(rotation: Rotation, now: int, alive: Sequence[Generation]) -> Generation | None:
    newest = alive[-1] if alive else None
    if rotation.every is None:
        return None if newest else Generation(0, 0, None)
    start, today = rotation.slot(now), start_of_day(now)
    if newest and start < newest.start + rotation.step:
        if rotation.epoch <= newest.epoch:
            return None
        start = max(today, newest.start + rotation.step)
    elif newest and (newest.ends is None or not newest.epoch):
        start = max(start, today)  # after one outside the calendar: its end must leave room for a whole overlap
    return Generation(start, rotation.epoch, rotation.end(start))


def _without_default_end(rotation: Rotation, generation: Generation) -> Generation:
    """The generation as one without an end, if it has the end of a token that did not rotate."""
    is_default = is_default_end(generation.ends) and (generation.ends or 0) > rotation.end(generation.start)
    return replace(generation, ends=None) if rotation.every and is_default else generation


def _with_ends(rotation: Rotation, now: int, alive: Sequence[Generation]) -> list[Generation]:
    """`alive` with the ends that the settings ask for; an end comes earlier only where no consumer loses access."""
    if rotation.every is None:
        return [*alive[:-1], *(replace(newest, ends=None) for newest in alive[-1:])]
    kept: list[Generation] = []
    for index, generation in enumerate(alive):
        desired, soonest = rotation.end(generation.start), now + rotation.overlap + rotation.step
        if generation.ends is None and index + 1 < len(alive):
            successor = alive[index + 1]  # without an end, it gets one a step before its successor's
            desired = rotation.end(successor.start) - rotation.step
            soonest = max(now, (successor.issued or now) + rotation.overlap)
        fits = desired >= soonest or (generation.ends is not None and desired >= generation.ends)
        ends = desired if fits else generation.ends
        if kept and kept[-1].ends is not None and ends is not None:
            # otherwise the older one, which a duplicate may prolong, outlives it
            ends = max(ends, kept[-1].ends + rotation.step)
        kept.append(replace(generation, ends=ends))
    return kept


def _reason_to_stay(rotation: Rotation, now: int, old: Generation, successor: Generation) -> str | None:
    if not successor.active or successor.issued is None:
        return "its successor is disabled"
    until = successor.issued + rotation.overlap
    if now < until:
        return (
            f"its successor was created on {format_time(successor.issued)}, and both are valid until "
            f"{format_time(until)}"
        )
    if old.used is not None and now < old.used + DAY:
        end = f", at the latest until {format_time(old.ends)}" if old.ends is not None else ""
        return f"it was used on {format_time(old.used)}{end}"
    return None


def _last_use(old: Generation) -> str:
    if old.used == UNKNOWN_USE:
        return "its last use is not known"
    return f"it was last used on {format_time(old.used)}" if old.used is not None else "it was never used"


def _identity(base: str, name: str) -> tuple[int, int] | None:
    """Start and epoch, from a name at Cloudflare: <base>/2026-11-14.2."""
    if name == base:
        return 0, 0
    match = _LABEL.fullmatch(name.removeprefix(f"{base}/")) if name.startswith(f"{base}/") else None
    if match is None:
        return None
    time = ":".join(match.group(2, 3, 4)) if match[2] else "00:00:00"
    return parse_timestamp(f"{match[1]}T{time}Z", name), int(match[5] or 1)


def _seconds(text: str | None) -> int | None:
    return parse_timestamp(text) if text else None


def _merged(one: Generation, other: Generation) -> Generation:
    """Two tokens of one name as one generation, with the later of their dates."""
    return replace(
        one,
        ends=None if one.ends is None or other.ends is None else max(one.ends, other.ends),
        issued=max(one.issued or 0, other.issued or 0),
        used=max(one.used or 0, other.used or 0) or None,
        active=one.active or other.active,
        ids=one.ids | other.ids,
    )
