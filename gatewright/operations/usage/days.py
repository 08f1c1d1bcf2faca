"""Sums by hour or by day, from the cache and from one reading of what it lacks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gatewright.clock import DAY, HOUR, day_of, start_of_day
from gatewright.cloudflare.analytics import InferenceSums, RequestSums
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from gatewright.operations.usage.day_cache import DayCache

Sums = TypeVar("Sums", RequestSums, InferenceSums)

SETTLED = HOUR
"""Seconds after its end from which a day's figures do not change."""


@frozen
class Days(Generic[Sums]):
    """The days of one kind of sums in a cache. Of days in `hourly` (their starts; None is all) the hours are read, of
    other days their sums, which are much less to read."""

    cache: DayCache
    kind: str
    form: type[Sums]
    hourly: Collection[int] | None

    def read(
        self, read: Callable[[int, int], Iterable[Sums]] | None, since: int, until: int, now: int
    ) -> tuple[list[Sums], int]:
        """The rows with since <= hour < until in their order, and how many days are unknown.

        `read` is called once, for all days from the first to the last that is not in the cache; None reads the cache
        only.
        """
        days = range(start_of_day(since), until, DAY)
        cached = {day: self.cache.read(self._kind(day), day_of(day)) for day in days}
        missing = [day for day in days if cached[day] is None]
        rows = [self.form(*row) for content in cached.values() for row in content or ()]
        if missing and read is not None:
            new = self._by_day(read(missing[0], min(until, missing[-1] + DAY)))
            for day in missing:
                rows += new[day]
                if day + DAY + SETTLED <= now:
                    self._write(day, new[day])
            missing = []
        return sorted((row for row in rows if since <= row.hour < until), key=lambda row: row.hour), len(missing)

    def _kind(self, day: int) -> str:
        return self.kind if self.hourly is None or day in self.hourly else f"{self.kind}-sum"

    def _by_day(self, rows: Iterable[Sums]) -> defaultdict[int, list[Sums]]:
        days: defaultdict[int, list[Sums]] = defaultdict(list)
        for row in rows:
            days[start_of_day(row.hour)].append(row)
        return days

    def _write(self, day: int, rows: Iterable[Sums]) -> None:
        hours = [astuple(row) for row in rows]
        self.cache.write(f"{self.kind}-sum", day_of(day), _sum_hours(hours, day))
        self.cache.write(self.kind, day_of(day), hours)


def _sum_hours(hours: Iterable[tuple[Any, ...]], day: int) -> list[list[Any]]:
    """The sums of a day by the names in its rows."""
    sums: dict[tuple[str, ...], list[float]] = {}
    for row in hours:
        names = tuple(value for value in row if isinstance(value, str))
        numbers = [value for value in row[1:] if not isinstance(value, str)]
        sums[names] = [old + new for old, new in zip(sums.get(names, [0] * len(numbers)), numbers, strict=True)]
    return [[day, *names, *numbers] for names, numbers in sums.items()]
