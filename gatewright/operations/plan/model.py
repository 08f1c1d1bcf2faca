"""A plan: what an up would change, as plain data."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Location
    from gatewright.operations.show import Table


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    """It exists at Cloudflare and is added to the stack unchanged."""


class Cause(StrEnum):
    """Why a change happens; only changes of the environment's files count for the exit code."""

    FILES = "files"
    CALENDAR = "calendar"
    NOT_HERE = "not here"
    """A client file is missing on this machine."""


@frozen
class Change:
    """One resource that is created, changed, replaced or deleted; secrets are masked.

    `kind` is gateway, route, token, key, file and so on. `differences` are one each ("cache 5m → 1h"), `risks` the
    reasons, greatest first. `diff` is a unified diff of a client file, `flowcharts` are a route's Mermaid before and
    after.
    """

    action: Action
    kind: str
    name: str
    differences: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    cause: Cause = Cause.FILES
    location: Location | None = None
    diff: str = ""
    flowcharts: tuple[str, str] | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts for the exit code."""
        return self.cause is Cause.FILES


@frozen
class SimulatedLoad:
    """What a load does before and after an up, as a table and as JSON."""

    table: Table
    json: Mapping[str, Any]


@frozen
class Plan:
    """What an up of `environment` would change, greatest risk first.

    `blockers` say why it would fail before it starts, and what to do: resources that exist at Cloudflare already.
    `warnings` are those of the environment's files, with their locations: models that retire. `simulation` is what a
    load does before and after it, if one was named.
    """

    environment: str
    changes: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    simulation: SimulatedLoad | None = None

    @property
    def has_changes(self) -> bool:
        """Whether the environment's files lead to a change."""
        return any(change.counts for change in self.changes)

    def as_applied(self) -> Plan:
        """The plan after it has been applied: risks and locations are for the decision before."""
        return replace(self, changes=tuple(replace(change, risks=(), location=None) for change in self.changes))

    @property
    def clients_to_reinstall(self) -> list[str]:
        """The clients whose files have changed, so that the installed ones are outdated."""
        paths = [each.name for each in self.changes if each.kind == "file" and each.action is not Action.CREATE]
        return sorted({program_of(path) for path in paths})


def program_of(path: str) -> str:
    """The client of a client file: pi of pi/models.json, openclaw of openclaw.json."""
    return path.partition("/")[0].partition(".")[0]
