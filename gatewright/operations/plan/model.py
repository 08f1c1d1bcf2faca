"""The list of what a run would change, as plain data: whoever shows it needs neither the engine nor Cloudflare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.diagnostics import Location


class Action(StrEnum):
    """What happens to one thing."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    """It is at Cloudflare already, and is taken into the stack as it is there."""


class Cause(StrEnum):
    """Why it happens: only what the environment's files bring is a change for the exit code."""

    FILES = "files"
    CALENDAR = "calendar"
    NOT_HERE = "not here"
    """An emitted file that is not on this machine."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is created, changed, replaced or deleted, in the product's words; secrets masked.

    `kind` is gateway, route, token, key, file and so on; `words` one difference each ("cache 5m → 1h"); `risks` say
    what to look at twice, worst first; `diff` is a unified one, of an emitted file; `graphs` are Mermaid, before and
    after, of a route.
    """

    action: Action
    kind: str
    name: str
    words: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    cause: Cause = Cause.FILES
    location: Location | None = None
    diff: str = ""
    graphs: tuple[str, str] | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a change for the exit code."""
        return self.cause is Cause.FILES


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do to `environment`, what is to be looked at twice first. `refused` says why an up would not
    even begin, with what to do: something is at Cloudflare already that the stack would make."""

    environment: str
    changes: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether the environment's files bring a change."""
        return any(change.counts for change in self.changes)
