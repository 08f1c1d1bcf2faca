"""`ignore:` in an environment file: drift that is known and accepted until a date."""

from __future__ import annotations

from gatewright.clock import day_of
from gatewright.environment.shapes.scalars import Text
from gatewright.environment.shapes.sections import setting
from gatewright.environment.shapes.timestamps import Date
from gatewright.frozen import frozen


@frozen
class Ignore:
    """Accepted drift: `gatewright drift` shows it as ignored and does not count it."""

    what: str = setting(
        Text("the path of a setting"),
        "The path of the drift, which includes everything below it. Written as for `explain`: gateway.logs, "
        "routes.fast, tokens.ci, providers.mistral.key; files.<path> for an emitted file, orphans.<name> for a "
        "resource in no stack.",
        required=True,
    )
    reason: str = setting(Text("a reason", longest=500), "Why the drift is accepted.", required=True)
    until: str = setting(Date(), "The last day on which the rule applies, in UTC: 2026-12-31.", required=True)

    def covers(self, path: str) -> bool:
        """Whether the rule applies to drift at `path`: its own path, or one below it."""
        return path == self.what or path.startswith((f"{self.what}.", f"{self.what}/"))

    def has_ended(self, now: int) -> bool:
        """Whether the last day is over; `now` in seconds since 1970."""
        return has_ended(self.until, now)


def has_ended(until: str, now: int) -> bool:
    """Whether the day `until` (2026-12-31, in UTC) is over at `now`, in seconds since 1970."""
    return day_of(now) > until
