"""render: the clients' config files, without Pulumi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients import emit
from gatewright.clients.common.client_file import check as schema_errors
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
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


@frozen
class RenderedFile:
    """One file as messages show it; `state` is written, missing, differs or unchanged."""

    path: str
    state: str


@frozen
class Rendered:
    """The rendered files. `placeholder`: the variable that is not set, for which the files hold a placeholder."""

    files: tuple[RenderedFile, ...]
    placeholder: str | None

    @property
    def changed(self) -> int:
        """The number of files that were missing or differed."""
        return sum(file.state != UNCHANGED for file in self.files)


def checked_files(project: Project, environment: Environment) -> list[ClientFile]:
    """The files of an environment.

    Raises:
        InvalidEnvironmentError: a file does not match its schema. Nothing is written.
    """
    files = emit(environment)
    folder = OutputFolder(project.root, (project.out.name, environment.name))
    # an existing file with the same bytes was valid when it was written
    _require_valid([file for file in files if _state(folder, file) != UNCHANGED])
    return files


def _require_valid(files: Sequence[ClientFile]) -> None:
    refused = schema_errors(files)
    if refused:
        raise InvalidEnvironmentError("; ".join(refused), hint="Nothing was written")


def render(project: Project, loaded: Loaded, out: Path | None, *, check: bool) -> Rendered:
    """Write the files of an environment to `out`, by default out/<name>; with `check` only compare.

    Raises:
        UsageError: `out` contains `..` or is a symlink.
        InvalidEnvironmentError: the environment has errors.
        FileRefusedError: a file in the folder was not emitted by gatewright, or a path leads outside of it.
    """
    if out is not None:
        _require_plain(out)
    environment = require(loaded)
    files = emit(environment)
    folder = OutputFolder(out.absolute()) if out else OutputFolder(project.root, (project.out.name, loaded.name))
    placeholder = environment.account_variable if environment.account_id is None else None
    states = [(file, _state(folder, file)) for file in files]
    changed = [file for file, state in states if state != UNCHANGED]
    _require_valid(changed)
    if not check:
        for file in changed:
            folder.check(file.path, file.text)
        for file in changed:
            folder.write(file.path, file.text)
    shown = [
        RenderedFile(folder.shown(file.path), state if check or state == UNCHANGED else WRITTEN)
        for file, state in states
    ]
    return Rendered(tuple(shown), placeholder)


def _require_plain(out: Path) -> None:
    """Files are overwritten in the folder, so its name must say which folder it is."""
    if ".." in out.parts:
        raise UsageError(f"--out {out} contains ..", "Give the folder's path without it")
    if out.is_symlink():
        raise UsageError(f"--out {out} is a symlink", "Give the folder that it points to")


def _state(folder: OutputFolder, file: ClientFile) -> str:
    existing = folder.read(file.path)
    if existing is None:
        return MISSING
    return UNCHANGED if existing.equals_any(file.text) else DIFFERS
