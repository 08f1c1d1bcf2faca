"""Where each program keeps its settings, one module a program: `installation(request)` says what belongs where.

Sources: the programs' own documentation and what they were seen to do, in the versions that gatewright/clients names.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

from gatewright.errors import UsageError
from gatewright.io.formats import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatewright.clients.client_file import ClientFile
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

    def content(self, name: str) -> Any:
        """What the emitted file of that name says."""
        file = next(file for file in self.files if named(file) == name)
        return parse(file.path, file.text)

    @property
    def label(self) -> str:
        """The client's provider: what names a file of our own beside those of other environments."""
        return self.client.provider

    def named_place(self, example: str) -> Path:
        """The place that the user names. Raises UsageError where there is none."""
        if self.to is None:
            title, name = self.client.capabilities.title, self.client.program
            hint = f"gatewright install {self.environment.name} {name} --to {example}"
            raise UsageError(f"{title} has no place of its own: say where it belongs", hint)
        return self.to

    def folder(self, variable: str, otherwise: Path) -> Path:
        """Where the several files belong. Raises UsageError where the user names one place for them all."""
        if self.to is not None:
            hint = f"Set {variable} to their folder instead"
            raise UsageError(f"{self.client.capabilities.title} reads several files: --to cannot name them", hint)
        return self.machine.place(variable, otherwise)


def named(file: ClientFile) -> str:
    """The file's own name."""
    return file.path.rpartition("/")[2]


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
