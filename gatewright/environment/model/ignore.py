"""`ignore:` in an environment file: drift that is known and accepted until a date."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.clock import day
from gatewright.environment.shapes.scalars import Text
from gatewright.environment.shapes.sections import setting
from gatewright.environment.shapes.timestamps import Day


@dataclass(frozen=True, slots=True)
class Ignore:
    """Drift that is known: `gatewright drift` shows it as ignored, and does not count it."""

    what: str = setting(
        Text("what drifts"),
        "What drifts, and all below it, written as for `explain`: gateway.logs, routes.fast, tokens.ci, "
        "providers.mistral.key; files.<path> for an emitted file, orphans.<name> for what is in no stack.",
        required=True,
    )
    reason: str = setting(Text("why it is accepted", longest=500), "Why it is accepted.", required=True)
    until: str = setting(Day(), "The last day on which it is: 2026-12-31, UTC.", required=True)

    def covers(self, path: str) -> bool:
        """Whether the rule applies to drift at `path`: the path that it names, or one below."""
        return path == self.what or path.startswith((f"{self.what}.", f"{self.what}/"))

    def has_ended(self, now: int) -> bool:
        """Whether its last day is over; `now` in seconds since 1970."""
        return has_ended(self.until, now)


def has_ended(until: str, now: int) -> bool:
    """Whether the day `until` (2026-12-31, UTC) is over at `now`, in seconds since 1970."""
    return day(now)[:10] > until
