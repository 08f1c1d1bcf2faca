"""Settings of the user that hide or beat what install adds, as data: install names them before it changes anything, and
doctor as faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import UserSettings
from gatewright.frozen import frozen


class Severity(StrEnum):
    """What install does about a conflict."""

    NOTED = "noted"
    """It names it."""
    WARNED = "warned"
    """It names it, and doctor reports a fault."""
    ASKED = "asked"
    """It asks first."""
    REFUSED = "refused"
    """It refuses, unless the user gives --ignore-conflicts."""
    INVALID = "invalid"
    """It refuses always: the program would not accept its file any more."""


@frozen
class Conflict:
    """One setting. `location`: file and line, or the shell; `effect`: a sentence; `fix`: what to do. `replaced_in`: the
    file in which install would replace it."""

    location: str
    name: str
    effect: str
    fix: str
    severity: Severity = Severity.REFUSED
    replaced_in: Path | None = None

    def __str__(self) -> str:
        return f"{self.location}: {self.name} {self.effect}"


def find_keys(
    settings: UserSettings, effects: Mapping[str, str], *container: str, severity: Severity = Severity.REFUSED
) -> Iterator[Conflict]:
    """A conflict for each key of `effects` that has a value in the container."""
    for key, effect in effects.items():
        if settings.mapping(*container).get(key) not in (None, "", [], {}):
            name = ".".join((*container, key))
            fix = f"Remove {name} from {settings.shown}"
            yield Conflict(settings.location(*container, key), name, effect, fix, severity)


def find_variables(
    machine: Machine, effects: Mapping[str, str], severity: Severity = Severity.WARNED
) -> Iterator[Conflict]:
    """A conflict for each variable of `effects` that is set in the shell."""
    for name, effect in effects.items():
        if machine.variables.get(name, "").strip():
            yield Conflict("this shell", name, effect, f"unset {name}", severity)


def worst(conflicts: Iterable[Conflict]) -> Severity | None:
    """The worst severity; None without conflicts."""
    return max((conflict.severity for conflict in conflicts), key=list(Severity).index, default=None)
