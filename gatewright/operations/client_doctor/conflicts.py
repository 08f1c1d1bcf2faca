"""The user's own settings that hide or beat the installed ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatewright.clients.common.conflicts import Conflict, Severity
from gatewright.engine.doctor import Finding

_ACCEPTED = (Severity.NOTED, Severity.ASKED)  # a file that the user has kept is not a fault


def check_conflicts(conflicts: Iterable[Conflict]) -> Iterator[Finding]:
    """A finding for each setting."""
    for conflict in dict.fromkeys(conflicts):
        yield Finding("your settings", str(conflict), conflict.fix, needed=conflict.severity not in _ACCEPTED)
