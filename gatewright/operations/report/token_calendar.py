"""The calendar of a token: when its generations begin, are replaced and end, by the settings and the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clock import DAY
from gatewright.cloudflare.generations import Generation, Rotation, default_end, generation_name
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.model.environment_file import Token

BEFORE, AFTER = 45 * DAY, 120 * DAY
"""What the picture of a calendar shows around today."""


@frozen
class TokenPeriod:
    """A generation of a token. `begins`, `rotates` and `ends` are dates; `begins` is None where no date is known,
    `rotates` where it has no successor. `start` and `width` are its place in the picture, in percent."""

    token: str
    name: str
    begins: str | None
    rotates: str | None
    ends: str
    state: str  # current | next
    start: float
    width: float


def token_periods(tokens: Mapping[str, Token], now: int) -> Iterator[TokenPeriod]:
    """The current and the next generation of each token, as the calendar of the file has them."""
    for name, token in tokens.items():
        if token.rotate:
            yield from _rotating(name, Rotation.from_settings(token.rotate), now)
        else:
            begins = clock.parse_timestamp(token.not_before) if token.not_before else None
            ends = clock.parse_timestamp(token.expires) if token.expires else default_end(now)
            yield _period(name, name, (begins, None, ends), "current", now)


def _rotating(name: str, rotation: Rotation, now: int) -> Iterator[TokenPeriod]:
    start = rotation.slot(now)
    for state in ("current", "next"):
        generation = Generation(start, rotation.epoch, rotation.end(start))
        due = rotation.next_slot(start)
        times = (start, due, rotation.end(start))
        yield _period(name, generation_name(name, generation), times, state, now)
        start = due


def _period(token: str, name: str, times: tuple[int | None, int | None, int], state: str, now: int) -> TokenPeriod:
    begins, rotates, ends = times
    left, right = _percent(begins if begins is not None else now - BEFORE, now), _percent(ends, now)
    width = round(max(right - left, 0.5), 2)
    return TokenPeriod(token, name, _day(begins), _day(rotates), clock.day_of(ends), state, left, width)


def _day(time: int | None) -> str | None:
    return clock.day_of(time) if time is not None else None


def _percent(time: int, now: int) -> float:
    return round(min(max((time - now + BEFORE) / (BEFORE + AFTER) * 100, 0), 100), 2)


@frozen
class CalendarAxis:
    """The first and the last day of the picture, and the place of today in percent."""

    first: str
    last: str
    today: float


def calendar_axis(now: int) -> CalendarAxis:
    """The axis of all calendars."""
    return CalendarAxis(clock.day_of(now - BEFORE), clock.day_of(now + AFTER), _percent(now, now))
