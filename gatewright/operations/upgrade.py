"""upgrade: bring the files that init wrote up to date, where the user has not changed them."""

from __future__ import annotations

import difflib
import os
from enum import Enum
from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.engine.installed_versions import install_command, is_newer
from gatewright.errors import FileRefusedError, UsageError
from gatewright.frozen import frozen
from gatewright.io import atomic
from gatewright.io.requirements_text import NAME, digest, pinned_version, recorded_digests, with_version
from gatewright.io.untrusted import read_regular_file
from gatewright.operations.init import generated_files, write_editor_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatewright.project import Project

BESIDE = ".new"
"""The suffix of the new text of a file that the user has changed."""


class State(Enum):
    """What an upgrade does with a file."""

    UNCHANGED = "unchanged"
    UPDATED = "updated"
    CREATED = "created"
    BESIDE = "kept, the new text is beside it"
    KEPT = "kept, changed by you"
    REMOVED = "left out, removed by you"


@frozen
class UpgradedFile:
    """A file and its texts; `after` is written to `target`, which is `name` or NAME.new."""

    name: str
    state: State
    before: str
    after: str

    @property
    def target(self) -> str:
        """The file that is written."""
        return f"{self.name}{BESIDE}" if self.state is State.BESIDE else self.name

    @property
    def changes(self) -> bool:
        """Whether anything is written."""
        return self.state in (State.UPDATED, State.CREATED, State.BESIDE)

    def diff(self) -> list[str]:
        """The unified diff between the project's file and the new text."""
        if not self.changes:
            return []
        lines = self.before.splitlines(), self.after.splitlines()
        return [*difflib.unified_diff(*lines, self.name, self.target, lineterm="", n=1)]


@frozen
class Upgrade:
    """The files, with requirements.txt last; `before` is the version that it pinned, None if it pinned none."""

    project: Project
    before: str | None
    files: tuple[UpgradedFile, ...]

    @property
    def changes(self) -> bool:
        """Whether any file is written."""
        return any(file.changes for file in self.files)


def plan_upgrade(project: Project) -> Upgrade:
    """Decide what the upgrade to this package writes; writes nothing.

    Raises:
        UsageError: the project is gatewright's own repository, or requires a newer package than this one.
        FileRefusedError: a file cannot be read.
    """
    if project.is_checkout:
        raise UsageError("this is the repository of gatewright itself, whose files are not upgraded", "git pull")
    requirements = _read(project, NAME) or ""
    before = pinned_version(requirements)
    if before and is_newer(before):
        raise UsageError(
            f"{NAME} requires gatewright {before}, and the installed one is older: {__version__}",
            install_command(before),
        )
    recorded = recorded_digests(requirements)
    desired = generated_files(project, recorded)
    files = [_upgraded(project, name, text, recorded.get(name)) for name, text in desired.items()]
    written = recorded | {name: digest(text) for name, text in desired.items()}
    after = with_version(requirements, __version__, written)
    state = State.UNCHANGED if after == requirements else State.UPDATED if requirements else State.CREATED
    return Upgrade(project, before, (*files, UpgradedFile(NAME, state, requirements, after)))


def write_upgrade(upgrade: Upgrade) -> None:
    """Write the files, each atomically, and requirements.txt last: an interrupted upgrade is finished by the next one.

    Raises OSError.
    """
    for file in upgrade.files:
        if file.changes:
            _write(upgrade.project.root, file.target, file.after)
    write_editor_schema(upgrade.project)


def _upgraded(project: Project, name: str, text: str, recorded: str | None) -> UpgradedFile:
    current = _read(project, name)
    if current is None:
        state = State.REMOVED if recorded else State.CREATED
    elif current == text:
        state = State.UNCHANGED
    elif digest(current) == recorded:
        state = State.UPDATED
    elif digest(text) == recorded or _read(project, name + BESIDE) == text:
        state = State.KEPT
    else:
        state = State.BESIDE
    return UpgradedFile(name, state, current or "", text)


def _read(project: Project, name: str) -> str | None:
    try:
        return read_regular_file(project.root / name).decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise FileRefusedError(f"{name} is not UTF-8", "Restore it, for example with git") from None


def _write(root: Path, name: str, text: str) -> None:
    path = (root / name).parent
    path.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.resolve(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        atomic.replace(folder, os.path.basename(name), text.encode(), _mode(root / name))  # noqa: PTH119
    finally:
        os.close(folder)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777 if path.is_file() else 0o644


def diffs(upgrade: Upgrade) -> Iterator[str]:
    """The diffs of all files that are written."""
    for file in upgrade.files:
        yield from file.diff()


def upgrade_json(upgrade: Upgrade, *, written: bool) -> Mapping[str, object]:
    """The document of `gatewright upgrade`."""
    files = [{"file": file.name, "state": file.state.value, "diff": file.diff()} for file in upgrade.files]
    return {"from": upgrade.before, "to": __version__, "files": files, "written": written}
