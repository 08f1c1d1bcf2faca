"""render: the clients' config files, without Pulumi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clients import emit
from gatewright.clients.files import check as schema_errors
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.files import OutputFolder
from gatewright.operations.environments import open_one

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gatewright.clients.files import ClientFile
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


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


def checked_files(project: Project, environment: Environment) -> list[ClientFile]:
    """The files of an environment, each valid by its schema.

    Raises InvalidEnvironmentError, before anything is written, when one is not.
    """
    files = emit(environment)
    _require_valid(project, _new(files, OutputFolder(project.root, (project.out.name, environment.name))))
    return files


def _new(files: Sequence[ClientFile], folder: OutputFolder) -> list[ClientFile]:
    """Those that do not stand there: what does, byte for byte, was found valid when it was written."""
    return [file for file in files if not _stands(folder, file)]


def _require_valid(project: Project, files: Sequence[ClientFile]) -> None:
    refused = schema_errors(files, project.schemas)
    if refused:
        raise InvalidEnvironmentError("; ".join(refused), hint="Nothing was written")


def render(project: Project, name: str, out: Path | None, *, check: bool) -> Rendered:
    """Writes the files of environment `name` to `out`, by default out/<name>; with `check` only compares.

    Raises FileRefusedError when a file is in the way that is not ours, or the way leads outside.
    """
    if out is not None:
        _refuse_detour(out)
    environment = open_one(project, name)
    files = emit(environment)
    folder = OutputFolder(out.absolute()) if out else OutputFolder(project.root, (project.out.name, name))
    placeholder = environment.account_variable if environment.account_id is None else None
    _require_valid(project, _new(files, folder))
    if not check:
        for file in files:
            folder.check(file.path, file.text)
    return Rendered(tuple(_one(folder, file, check=check) for file in files), placeholder)


def _refuse_detour(out: Path) -> None:
    """What stands in a folder is overwritten there: which one it is must be plain from its name."""
    if ".." in out.parts:
        raise UsageError(f"--out {out} has .. in it", "Name the folder itself")
    if out.is_symlink():
        raise UsageError(f"--out {out} is a symlink", "Name the folder that it leads to")


def _stands(folder: OutputFolder, file: ClientFile) -> bool:
    there = folder.read(file.path)
    return there is not None and there.holds(file.text)


def _one(folder: OutputFolder, file: ClientFile, *, check: bool) -> RenderedFile:
    shown = folder.shown(file.path)
    if _stands(folder, file):
        return RenderedFile(shown, "unchanged")
    if check:
        return RenderedFile(shown, "missing" if folder.read(file.path) is None else "differs")
    folder.write(file.path, file.text)
    return RenderedFile(shown, "written")
