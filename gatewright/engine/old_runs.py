"""The engine's records of earlier runs in .gatewright/state. It never removes any: three files of each `up`."""

from __future__ import annotations

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
