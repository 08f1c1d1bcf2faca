"""The findings of drift in one environment, as plain data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Location
    from gatewright.environment.risks import Risk


class FindingClass(StrEnum):
    """The class of a finding. DUE and NOT_HERE are not drift: the first is scheduled, the second local."""

    CHANGED = "changed"
    DELETED = "deleted"
    EDITED = "edited file"
    EXPIRING = "expiring"
    RETIRED = "retired"
    ORPHAN = "orphan"
    DUE = "due"
    NOT_HERE = "not here"


NO_DRIFT = (FindingClass.DUE, FindingClass.NOT_HERE)


@frozen
class Ignored:
    """The rule that covers a finding: its reason, and the last day on which it applies (None: the command line)."""

    reason: str
    until: str | None


@frozen
class Finding:
    """One finding; secrets are masked.

    `kind` is gateway, route, token, key, file and so on, `difference` the expected and the actual value ("logs: collect
    true → false"). `path` is what an `ignore:` rule covers. `fix` is a shell command, `hint` more to do or to know.
    `location` is where the resource is declared, `clients` use it. `since` is the time of the change (RFC 3339).
    """

    class_: FindingClass
    kind: str
    name: str
    difference: str
    path: str
    fix: str
    location: Location | None = None
    clients: tuple[str, ...] = ()
    since: str | None = None
    hint: str | None = None
    ignored: Ignored | None = None
    risk: Risk | None = None

    @property
    def sort_key(self) -> tuple[bool, int, int, str, str, str]:
        """Greatest risk first, then by class and name, since the engine's order varies."""
        position = [*FindingClass].index(self.class_)
        return self.risk is None, self.risk or 0, position, self.kind, self.name, self.difference

    @property
    def counts(self) -> bool:
        """Whether it is drift that no rule ignores."""
        return self.ignored is None and self.class_ not in NO_DRIFT


@frozen
class Drift:
    """The findings in one environment; an environment without a stack is not deployed, and cannot drift."""

    environment: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    is_deployed: bool = True
    seconds: float = 0.0

    @property
    def drifted(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.counts)
