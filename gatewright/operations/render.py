"""render: the clients' config files, without Pulumi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clients import emit
from gatewright.clients.common.client_file import check as schema_errors
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.io.output_folder import OutputFolder
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


UNCHANGED, MISSING, DIFFERS, WRITTEN = "unchanged", "missing", "differs", "written"


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file as messages show it; `state` is written, missing, differs or unchanged."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was rendered; `placeholder` is the variable that is not set where the files show a placeholder for it."""

    files: tuple[RenderedFile, ...]
    placeholder: str | None

    @property
    def changed(self) -> int:
        """How many were not as they should be."""
        return sum(file.state != UNCHANGED for file in self.files)


def checked_files(project: Project, environment: Environment) -> list[ClientFile]:
    """The files of an environment, each valid by its schema.

    Raises InvalidEnvironmentError, before anything is written, when one is not.
    """
    files = emit(environment)
    folder = OutputFolder(project.root, (project.out.name, environment.name))
    # what stands there, byte for byte, was found valid when it was written
    _require_valid(project, [file for file in files if _state(folder, file) != UNCHANGED])
    return files


def _require_valid(project: Project, files: Sequence[ClientFile]) -> None:
    refused = schema_errors(files, project.schemas)
    if refused:
        raise InvalidEnvironmentError("; ".join(refused), hint="Nothing was written")


def render(project: Project, loaded: Loaded, out: Path | None, *, check: bool) -> Rendered:
    """Writes the files of an environment to `out`, by default out/<name>; with `check` only compares.

    Raises InvalidEnvironmentError where it cannot be used, and FileRefusedError when a file is in the way that is not
    ours, or the way leads outside.
    """
    if out is not None:
        _refuse_detour(out)
    environment = require(loaded)
    files = emit(environment)
    folder = OutputFolder(out.absolute()) if out else OutputFolder(project.root, (project.out.name, loaded.name))
    placeholder = environment.account_variable if environment.account_id is None else None
    states = [(file, _state(folder, file)) for file in files]
    new = [file for file, state in states if state != UNCHANGED]
    _require_valid(project, new)
    if not check:
        for file in new:
            folder.check(file.path, file.text)
        for file in new:
            folder.write(file.path, file.text)
    shown = [
        RenderedFile(folder.shown(file.path), state if check or state == UNCHANGED else WRITTEN)
        for file, state in states
    ]
    return Rendered(tuple(shown), placeholder)


def _refuse_detour(out: Path) -> None:
    """What stands in a folder is overwritten there: which one it is must be plain from its name."""
    if ".." in out.parts:
        raise UsageError(f"--out {out} has .. in it", "Name the folder itself")
    if out.is_symlink():
        raise UsageError(f"--out {out} is a symlink", "Name the folder that it leads to")


def _state(folder: OutputFolder, file: ClientFile) -> str:
    there = folder.read(file.path)
    if there is None:
        return MISSING
    return UNCHANGED if there.equals_any(file.text) else DIFFERS
