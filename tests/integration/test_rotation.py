"""Rotation by the calendar, on the real engine: a clock for the commands, and the same for the local Cloudflare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from gatewright.clock import DAY, NOW, format_timestamp, parse_timestamp
from gatewright.cloudflare.generations import default_end

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .clone import Changes, Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

MONTHLY = {"every": "30d", "overlap": "7d"}
SLOT = parse_timestamp("2030-01-01T00:00:00Z") // (30 * DAY) * 30 * DAY
FIRST, SECOND, THIRD = (format_timestamp(SLOT + slot * 30 * DAY)[:10] for slot in range(3))


@dataclass(frozen=True, slots=True)
class Calendar:
    """A clone in which it is some day after the beginning of the first slot."""

    clone: Clone

    def set(self, days: float) -> None:
        """For the commands, and for Cloudflare."""
        text = format_timestamp(SLOT + int(days * DAY))
        self.clone.exported[NOW] = text
        url = f"http://127.0.0.1:{self.clone.port}/__local__/clock"
        assert httpx.put(url, json={"now": text}, trust_env=False).is_success

    def up(self, days: float) -> Changes:
        """What `pulumi up` does on that day; it is what its preview says, and a second one does nothing."""
        self.set(days)
        planned = self.clone.planned()
        if planned:
            assert self.clone.up() == planned
            assert self.clone.planned() == {}
        return planned

    def names(self) -> list[str]:
        found = (each["name"] for each in self.clone.api("GET", "/tokens"))
        return sorted(name.removeprefix("gatewright/local/agents/") for name in found if "/agents" in name)

    def newest(self) -> str:
        return str(self.clone.outputs()["tokens"]["agents"])

    def answers(self, token: str) -> bool:
        """Whether the gateway takes it, which counts as a use."""
        return self.clone.ask(token).status_code in (200, 429)  # a provider's own limit may be met


@pytest.fixture
def calendar(clone: Clone) -> Iterator[Calendar]:
    made = Calendar(clone)
    clone.declare(tokens={"agents": {"rotate": MONTHLY}})
    made.set(1)
    clone.up()
    yield made
    httpx.delete(f"http://127.0.0.1:{clone.port}/__local__/clock", trust_env=False)


def test_a_token_rotates(calendar: Calendar) -> None:
    first = calendar.newest()
    assert calendar.names() == [FIRST]
    assert calendar.clone.outputs()["tokenExpiries"] == {"agents": format_timestamp(SLOT + 74 * DAY)}
    assert calendar.up(29.9) == {}
    assert calendar.up(30) == {f"AccountToken agents-{SECOND}": ("create",)}
    second = calendar.newest()
    assert second != first
    assert calendar.answers(first)
    assert calendar.answers(second)
    assert calendar.up(36.9) == {}
    assert calendar.answers(first)
    assert calendar.up(37.1) == {}  # it was used within the last day
    assert f"agents-{FIRST} stays: it was used on" in calendar.clone.pulumi("preview")
    assert calendar.up(38.1) == {f"AccountToken agents-{FIRST}": ("delete",)}
    assert calendar.names() == [SECOND]
    assert not calendar.answers(first)
    assert calendar.newest() == second
    calendar.clone.expect_no_changes()


@pytest.mark.nightly
def test_a_third_waits_for_one_that_is_in_use(calendar: Calendar) -> None:
    first = calendar.newest()
    calendar.up(30)
    calendar.set(60)
    assert calendar.answers(first)
    assert calendar.up(60) == {}
    assert f"a new one is due and waits until agents-{FIRST} is gone" in calendar.clone.pulumi("preview")
    calendar.set(74)
    assert not calendar.answers(first)
    assert calendar.up(74) == {
        f"AccountToken agents-{FIRST}": ("delete",),
        f"AccountToken agents-{THIRD}": ("create",),
    }
    assert calendar.names() == [SECOND, THIRD]
    calendar.clone.expect_no_changes()


def test_a_run_that_the_state_knows_nothing_of(calendar: Calendar) -> None:
    """It was killed after Cloudflare had made the token: the next makes another one, and revokes nothing."""
    first = calendar.newest()
    before = calendar.clone.pulumi("stack", "export", "--show-secrets")
    calendar.up(30)
    file = calendar.clone.project.work / "before.json"
    file.write_text(before)
    calendar.clone.pulumi("stack", "import", "--file", str(file))
    assert calendar.up(40) == {f"AccountToken agents-{SECOND}": ("create",)}
    assert calendar.answers(first)
    assert calendar.answers(calendar.newest())
    assert calendar.up(49) == {f"AccountToken agents-{FIRST}": ("delete",)}


@pytest.mark.nightly
def test_rotation_turned_on_and_off(calendar: Calendar) -> None:
    calendar.clone.declare(tokens={"agents": {"rotate": {"every": "10d", "overlap": "1d"}}})
    calendar.up(1)
    calendar.clone.declare(tokens={"agents": {"rotate": False}})
    before = calendar.newest()
    assert {change[0] for change in calendar.up(2).values()} == {"update"}
    assert calendar.newest() == before
    expiry = format_timestamp(default_end(SLOT + 2 * DAY))
    assert calendar.clone.outputs()["tokenExpiries"] == {"agents": expiry}


@pytest.mark.nightly
def test_an_early_rotation(calendar: Calendar) -> None:
    first = calendar.newest()
    calendar.set(3)
    said = calendar.clone.gatewright("rotate", "local", "agents")
    assert "epoch: 2" in said
    third_day = format_timestamp(SLOT + 3 * DAY)[:10]
    assert calendar.up(3) == {f"AccountToken agents-{third_day}.2": ("create",)}
    assert calendar.answers(first)
    assert calendar.up(10) == {}
    assert calendar.up(12.1) == {f"AccountToken agents-{FIRST}": ("delete",)}
