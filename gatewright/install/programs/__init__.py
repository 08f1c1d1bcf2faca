"""Where each program keeps its settings, one module a program: `installation(request)` says what belongs where.

Sources: the programs' own documentation and what they were seen to do, in the versions that gatewright/clients names.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

from gatewright.clients.formats import parsed
from gatewright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatewright.clients.files import ClientFile
    from gatewright.environment.resolved import Client, Environment
    from gatewright.install.machine import Machine
    from gatewright.install.targets import Installation


@dataclass(frozen=True, slots=True)
class Request:
    """One client of an environment on a machine, with the files that were made for it; `to` is the place that the user
    names."""

    environment: Environment
    client: Client
    machine: Machine
    files: Sequence[ClientFile]
    to: Path | None = None

    def text(self, name: str) -> str:
        """The emitted file of that name."""
        return self._file(name).text

    def content(self, name: str) -> Any:
        """What the emitted file of that name says."""
        file = self._file(name)
        return parsed(file.path, file.text)

    def has(self, name: str) -> bool:
        """Whether there is an emitted file of that name."""
        return any(file.path.rpartition("/")[2] == name for file in self.files)

    def _file(self, name: str) -> ClientFile:
        return next(file for file in self.files if file.path.rpartition("/")[2] == name)

    @property
    def label(self) -> str:
        """The client's provider: what names a file of our own beside those of other environments."""
        return self.client.provider

    def one_place(self, otherwise: Path) -> Path:
        """Where the one file belongs."""
        return self.to or otherwise

    def no_place(self, variable: str) -> None:
        """Raises UsageError where a place is named and the program has several files."""
        if self.to is not None:
            hint = f"Set {variable} to their folder instead"
            raise UsageError(f"{self.client.abilities.title} reads several files: --to cannot name them", hint)


class ProgramModule(Protocol):
    """What a program's module offers."""

    def installation(self, request: Request) -> Installation:
        """The files, and how they are used. Raises UsageError for a place that cannot be."""


def _discover() -> dict[str, ProgramModule]:
    return {
        info.name.rstrip("_").replace("_", "-"): cast("ProgramModule", import_module(f"{__name__}.{info.name}"))
        for info in iter_modules(__path__)
    }


PROGRAMS: Mapping[str, ProgramModule] = _discover()
