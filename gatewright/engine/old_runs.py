"""What the engine records of its runs: three files of each `up` in .gatewright/state, which it never removes; a log."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gatewright.engine.variables import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.project import Project

KEPT_RUNS = 30
"""The newest runs of a stack whose records stay, and as many copies of its state."""

_RECORDS = (
    ("history", "{stack}-", ".history.json"),
    ("history", "{stack}-", ".checkpoint.json"),
    ("backups", "{stack}.", ".json"),
)


def remove_old_runs(project: Project, stack: str) -> None:
    """Remove what the engine keeps of all but the newest KEPT_RUNS runs. Another backend than the project's folder is
    left alone. Raises OSError."""
    for files in _records(project, stack):
        for file in files[:-KEPT_RUNS]:
            file.unlink(missing_ok=True)


def remove_newest_run(project: Project, stack: str) -> None:
    """Remove what the engine keeps of the newest run, but for the state itself. Raises OSError."""
    for files in _records(project, stack):
        for file in files[-1:]:
            file.unlink(missing_ok=True)


def _records(project: Project, stack: str) -> Iterator[list[Path]]:
    """The records of each kind in the project's folder, the oldest first."""
    for folder, prefix, suffix in _RECORDS:
        files = {
            int(moment): path
            for path in state_folder(project).glob(f".pulumi/{folder}/*/{stack}/*{suffix}")
            if (moment := path.name.removeprefix(prefix.format(stack=stack)).removesuffix(suffix)).isdecimal()
        }
        yield [files[moment] for moment in sorted(files)]


def keep_no_log(project: Project) -> None:
    """Put an empty file in the place of the engine's log folder in the PULUMI_HOME of local environments, unless there
    is a folder.

    The log has every value that the engine passes on, several times: two fifths of the processor time of a preview of
    100 new routes. The engine has no option for it, and goes on without one. Source: pulumi/pkg, logging/encrypted.go.
    Raises OSError.
    """
    with suppress(FileExistsError):
        (project.pulumi_home / "logs").touch(exist_ok=False)
