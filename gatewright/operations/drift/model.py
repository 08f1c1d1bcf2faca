"""What drift finds in one environment, as plain data: whoever shows it needs neither the engine nor Cloudflare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gatewright.environment.risks import Risk

if TYPE_CHECKING:
    from gatewright.diagnostics import Location


class Class(StrEnum):
    """What kind of difference it is. The last two are none: time brings the one, another machine explains the other."""

    CHANGED = "changed"
    DELETED = "deleted"
    EDITED = "edited file"
    EXPIRING = "expiring"
    ORPHAN = "orphan"
    DUE = "due"
    NOT_HERE = "not here"


NO_DRIFT = (Class.DUE, Class.NOT_HERE)


@dataclass(frozen=True, slots=True)
class Ignored:
    """The rule that covers a finding: why, and the last day on which it counts (None: given on the command line)."""

    reason: str
    until: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, secrets masked.

    `kind` is gateway, route, token, key, file and so on; `words` say what is expected and what is there ("logs: collect
    true → false"). `what` is how an `ignore:` rule calls it. `location` is where it is declared; `who` are the clients
    that it concerns. `mend` is a command for a shell, `hint` in words what else there is to do, or to know. `since` is
    the moment of the change, where Cloudflare tells it; `risk` why it is to be looked at twice.
    """

    class_: Class
    kind: str
    name: str
    words: str
    what: str
    mend: str
    location: Location | None = None
    who: tuple[str, ...] = ()
    since: str | None = None
    hint: str | None = None
    ignored: Ignored | None = None
    risk: Risk | None = None

    @property
    def place_in_order(self) -> tuple[int, int, str, str, str]:
        """What is to be looked at twice comes first; the order of the engine is another one at every run."""
        worst = self.risk or Risk.OTHER + 1
        return worst, [*Class].index(self.class_), self.kind, self.name, self.words

    @property
    def counts(self) -> bool:
        """Whether it is drift that nobody has accepted."""
        return self.ignored is None and self.class_ not in NO_DRIFT


@dataclass(frozen=True, slots=True)
class Drift:
    """What there is of one environment; `calls` are our own to Cloudflare's control plane, beside the engine's.

    `is_up` is False while there is no stack of it, and then nothing can have drifted.
    """

    environment: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    is_up: bool = True
    calls: int = 0
    seconds: float = 0.0

    @property
    def drifted(self) -> tuple[Finding, ...]:
        """Those that count."""
        return tuple(each for each in self.findings if each.counts)
