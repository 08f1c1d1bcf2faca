"""Rotation over years: the guarantees that hold whatever happens between the runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from gatewright.clients import CAPABILITIES
from gatewright.clock import DAY, HOUR, format_timestamp, parse_timestamp
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import (
    Rotation,
    default_end,
    existing_generations,
    generation_name,
    next_due,
    plan_generations,
)
from gatewright.environment.files import Files
from gatewright.environment.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.cloudflare.generations import Generation, Plan

BASE = "gatewright/prod/agents"
NEVER = 10**9
MONTHLY = Rotation(30 * DAY, 7 * DAY, 74 * DAY)
NOV_1 = parse_timestamp("2026-11-01T00:00:00Z")
SLOT = MONTHLY.slot(NOV_1)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("every: 30d, overlap: 7d", Rotation(30 * DAY, 7 * DAY, 74 * DAY, 1)),
        ("every: 30d, overlap: 7d, lifetime: 40d, epoch: 3", Rotation(30 * DAY, 7 * DAY, 40 * DAY, 3)),
    ],
)
def test_the_settings_of_the_file(tmp_path: Path, lines: str, expected: Rotation) -> None:
    (tmp_path / "x.yaml").write_text(f"local: true\ntokens: {{agents: {{rotate: {{{lines}}}}}}}\n")
    environment = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {}).environment
    assert environment is not None
    rotate = environment.tokens["agents"].rotate
    assert rotate
    assert Rotation.from_settings(rotate) == expected


def test_a_token_without_rotation_does_not_rotate() -> None:
    assert Rotation.from_settings(None).every is None


class StoppedError(Exception):
    """A run that was killed."""


@dataclass
class Calls:
    """The moments at which a run may be killed."""

    stop_at: int
    passed: int = 0

    def next(self) -> None:
        if self.passed == self.stop_at:
            raise StoppedError
        self.passed += 1


@dataclass
class CreatedToken:
    """A token at Cloudflare."""

    id: str
    name: str
    issued: int
    ends: int | None
    used: int | None = None

    def is_valid(self, now: int) -> bool:
        return self.ends is None or now < self.ends

    def listed(self, now: int) -> AccountToken:
        """A token without an end has the default one at Cloudflare, which the runs prolong."""
        status = "active" if self.is_valid(now) else "expired"
        used = format_timestamp(self.used) if self.used is not None else None
        ends = format_timestamp(default_end(now) if self.ends is None else self.ends)
        return AccountToken(self.id, self.name, format_timestamp(self.issued), used, status, ends)


@dataclass
class World:
    """Cloudflare, the stack's state, its outputs, and consumers that take a new token over `lateness` seconds late."""

    lateness: tuple[int, ...] = ()
    now: int = NOV_1
    tokens: dict[str, CreatedToken] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    output: str | None = None
    offered: list[tuple[int, str]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=count)

    def pass_time(self, length: int) -> None:
        """Everybody uses what they have; what the outputs hold must be valid all the time."""
        until = self.now + length
        if self.output:
            ends = self.tokens[self.output].ends
            assert ends is None or ends >= until, f"no valid token from {format_timestamp(ends)} on"
        for late in self.lateness:
            taken = [(at + late, token) for at, token in self.offered if at + late < until] or self.offered[:1]
            for (_, token), (ends, _) in zip(taken, [*taken[1:], (until, "")], strict=True):
                if token in self.tokens and ends > self.now:
                    made = self.tokens[token]
                    last = min(ends, made.ends or ends) - 1
                    made.used = max(made.used or 0, last)
        self.now = until

    def run(self, rotation: Rotation, stop_at: int = NEVER) -> Plan:
        """One run of the engine, killed at the moment `stop_at` of it."""
        there = set(self.tokens)
        decided = plan_generations("agents", rotation, self.now, existing_generations(BASE, self.listing()))
        known = {self.state.get(generation_name("agents", each)) for each in decided.live}
        going = decided.retiring if known <= there else ()
        wanted = {
            generation_name("agents", each): each for each in (*decided.live, *decided.retiring) if each not in going
        }
        self.apply(wanted, stop_at)
        newest = self.state[generation_name("agents", decided.newest)]
        if newest != self.output:
            self.output = newest
            self.offered.append((self.now, newest))
        return decided

    def listing(self) -> list[AccountToken]:
        """The tokens that the state knows, as the program takes them from Cloudflare's listing."""
        known = set(self.state.values())
        return [each.listed(self.now) for each in self.tokens.values() if each.id in known]

    def apply(self, wanted: dict[str, Generation], stop_at: int) -> None:
        """As the engine: creations and updates in order, then deletions."""
        calls, created, revoked = Calls(stop_at), 0, 0
        for name, each in wanted.items():
            if name not in self.state:
                calls.next()
                label = BASE + (f"/{each.suffix}" if each.suffix else "")
                made = CreatedToken(str(next(self.ids)), label, self.now, each.ends)
                self.tokens[made.id], created = made, created + 1
                calls.next()
                self.state[name] = made.id
            elif self.tokens[self.state[name]].ends != each.ends:
                self.tokens[self.state[name]].ends = each.ends
            self.check()
        for name in self.state.keys() - wanted.keys():
            calls.next()
            gone = self.tokens.pop(self.state[name], None)
            if gone and gone.is_valid(self.now):
                revoked += 1
                assert gone.used is None or gone.used + DAY <= self.now, "revoked while it was in use"
            assert not (created and revoked), "created and revoked in one run"
            calls.next()
            del self.state[name]

    def check(self) -> None:
        valid = {each.name for each in self.listing() if each.status == "active"}
        assert len(valid) <= 2, f"three generations: {valid}"


LATE = st.lists(st.one_of(st.integers(0, 90 * DAY), st.just(NEVER)), max_size=3).map(tuple)
STOP = st.one_of(st.just(NEVER), st.integers(0, 6))


@st.composite
def rotations(draw: st.DrawFn, least_overlap: int = HOUR) -> Rotation:
    every = draw(st.integers((least_overlap + DAY) // HOUR, 60 * DAY // HOUR)) * HOUR
    overlap = draw(st.integers(least_overlap, every - HOUR))
    least = every + overlap
    return Rotation(every, overlap, draw(st.one_of(st.just(2 * least), st.integers(least, 4 * least))))


def run_or_stop(world: World, rotation: Rotation, stop_at: int) -> bool:
    try:
        world.run(rotation, stop_at)
    except StoppedError:
        return False
    return True


@examples(60)
@given(rotation=rotations(), late=LATE, begin=st.integers(0, 90 * DAY), data=st.data())
def test_token_stays_valid_over_years_of_runs(
    rotation: Rotation, late: tuple[int, ...], begin: int, data: st.DataObject
) -> None:
    """Gaps as long as is promised, runs that are killed anywhere, consumers that come late or never."""
    assert rotation.every
    longest = min(rotation.every, rotation.lifetime - rotation.every)
    world = World(late, NOV_1 + begin)
    world.run(rotation)
    for gap, stop_at in data.draw(st.lists(st.tuples(st.integers(1, longest), STOP), max_size=60)):
        world.pass_time(gap)
        while not run_or_stop(world, rotation, stop_at):
            stop_at = data.draw(STOP)  # tried again until it is through


@examples(60)
@given(late=LATE, had_a_token=st.booleans(), begin=st.integers(0, 90 * DAY), data=st.data())
def test_token_stays_valid_while_settings_change(
    late: tuple[int, ...], had_a_token: bool, begin: int, data: st.DataObject
) -> None:
    """Rotation turned on and off, early rotations, other periods: with a run a day, and an overlap of a day, nothing is
    ever missing."""
    world = World(late, NOV_1 + begin)
    rotation = data.draw(rotations(DAY))
    world.run(Rotation(None) if had_a_token else rotation)
    for change in data.draw(st.lists(st.sampled_from(("none", "none", "early", "other", "off")), max_size=12)):
        if change == "early":
            rotation = replace(rotation, epoch=rotation.epoch + 1)
        elif change == "other":
            rotation = replace(data.draw(rotations(DAY)), epoch=rotation.epoch)
        days, stop_at = data.draw(st.tuples(st.integers(1, 40), STOP))
        for _ in range(days):
            world.pass_time(data.draw(st.sampled_from((DAY, DAY // 2))))
            while not run_or_stop(world, Rotation(None) if change == "off" else rotation, stop_at):
                stop_at = NEVER


def test_guarantee_ends_at_the_documented_gap() -> None:
    """The bound is exact: with consumers that never change, a gap of a second more leaves a time without a token."""
    world = World((NEVER,), SLOT)
    for length in (30 * DAY, 44 * DAY - 1):
        world.run(MONTHLY)
        world.pass_time(length)
    world.run(MONTHLY)
    with pytest.raises(AssertionError, match="no valid token"):
        world.pass_time(30 * DAY + 2)


def test_a_rotation_step_by_step() -> None:
    world = World((2 * DAY,), SLOT + 5 * DAY)
    (first,) = world.run(MONTHLY).live
    assert (first.start, first.ends) == (SLOT, SLOT + 74 * DAY)
    assert next_due(MONTHLY, first) == SLOT + 30 * DAY
    world.pass_time(25 * DAY - 1)
    assert [each.start for each in world.run(MONTHLY).live] == [SLOT]
    world.pass_time(1)
    assert [each.start for each in world.run(MONTHLY).live] == [SLOT, SLOT + 30 * DAY]
    world.pass_time(7 * DAY - 1)
    assert len(world.run(MONTHLY).live) == 2
    world.pass_time(1)
    last = world.run(MONTHLY)
    assert [each.start for each in last.live] == [SLOT + 30 * DAY]
    assert "retires: it was last used on" in last.notes[0]


def test_generation_in_use_stays_until_it_ends() -> None:
    world = World((NEVER,), SLOT)
    world.run(MONTHLY)
    world.pass_time(30 * DAY)
    world.run(MONTHLY)
    world.pass_time(20 * DAY)
    (note,) = world.run(MONTHLY).notes
    assert "stays: it was used on" in note
    assert f"at the latest until {format_timestamp(SLOT + 74 * DAY)[:10]}" in note
    world.pass_time(15 * DAY)
    assert world.run(MONTHLY).notes[0].startswith("a new one is due and waits until agents-")
    world.pass_time(9 * DAY)
    assert [each.start for each in world.run(MONTHLY).live] == [SLOT + 30 * DAY, SLOT + 60 * DAY]


def test_an_early_rotation() -> None:
    world = World((), SLOT)
    world.run(MONTHLY)
    world.pass_time(3 * DAY + HOUR)
    early = replace(MONTHLY, epoch=2)
    assert [each.suffix[10:] for each in world.run(early).live] == ["", ".2"]
    world.pass_time(8 * DAY)
    assert [(each.start, each.suffix[10:]) for each in world.run(early).live] == [(SLOT + 3 * DAY, ".2")]
    world.pass_time(19 * DAY)
    assert [each.start for each in world.run(early).live] == [SLOT + 3 * DAY, SLOT + 30 * DAY]


def test_an_early_start_leaves_a_whole_overlap_after_the_next_slot() -> None:
    rotation = Rotation(81 * HOUR, DAY, 105 * HOUR)  # its slots begin at November 2, 15:00, and at November 6
    world = World((), NOV_1)
    world.run(Rotation(None))
    world.pass_time(DAY)
    world.run(rotation)
    for _ in range(14):
        world.pass_time(DAY // 2)
        world.run(rotation)
        world.pass_time(DAY // 2)


def test_token_from_before_rotation_is_a_generation() -> None:
    world = World((), SLOT + DAY)
    (plain,) = world.run(Rotation(None)).live
    assert (generation_name("agents", plain), plain.expires_on) == ("agents", None)
    world.pass_time(DAY)
    assert [generation_name("agents", each)[:8] for each in world.run(MONTHLY).live] == ["agents", "agents-2"]
    world.pass_time(DAY)
    assert world.run(MONTHLY).live[0].ends == SLOT + 75 * DAY
    world.pass_time(7 * DAY)
    assert [each.start for each in world.run(MONTHLY).live] == [SLOT + 2 * DAY]


def test_a_token_that_no_state_has_is_not_a_generation() -> None:
    """A token left by a killed run keeps its end, and the newest does not wait for it."""
    world = World((), SLOT)
    with pytest.raises(StoppedError):
        world.run(MONTHLY, stop_at=1)
    world.run(MONTHLY)
    world.pass_time(DAY + HOUR)
    for _ in range(20):
        world.run(Rotation(3 * DAY, 2 * DAY, 10 * DAY))
        world.pass_time(DAY)
    stray = world.tokens["0"]
    assert (stray.ends, stray.id in world.state.values()) == (SLOT + 74 * DAY, False)
    assert world.tokens[world.output or ""].ends == NOV_1


def test_ending_the_rotation_keeps_the_newest() -> None:
    world = World((), SLOT)
    world.run(MONTHLY)
    world.pass_time(30 * DAY)
    world.run(MONTHLY)
    world.pass_time(DAY)
    (kept,) = world.run(Rotation(None)).live
    assert (kept.start, kept.ends) == (SLOT + 30 * DAY, None)


def test_disabled_successor_retires_nothing() -> None:
    found = existing_generations(
        BASE,
        [
            AccountToken("a", f"{BASE}/2026-10-05", "2026-10-05T00:00:00Z", None, "active", "2026-12-18T00:00:00Z"),
            AccountToken("b", f"{BASE}/2026-11-04", "2026-11-04T00:00:00Z", None, "disabled", "2027-01-17T00:00:00Z"),
        ],
    )
    decided = plan_generations("agents", MONTHLY, parse_timestamp("2026-11-20T00:00:00Z"), found)
    assert decided.notes == ("agents-2026-10-05 stays: its successor is disabled",)


@pytest.mark.parametrize(
    "name", [f"{BASE}/", f"{BASE}/2026-11", f"{BASE}-2/2026-11-01", f"{BASE}/2026-11-01.0", "else"]
)
def test_other_names_are_not_generations(name: str) -> None:
    assert existing_generations(BASE, [AccountToken("a", name, None, None)]) == []


def test_a_slot_that_begins_within_a_day() -> None:
    rotation = Rotation(36 * HOUR, HOUR, 100 * HOUR)
    world = World((), rotation.slot(NOV_1) + 36 * HOUR)
    (first,) = world.run(rotation).live
    assert first.suffix.endswith("T120000Z") or len(first.suffix) == 10
    assert existing_generations(BASE, world.listing())[0].start == first.start
