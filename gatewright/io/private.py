"""Files and folders that only their owner can read, whatever umask the shell has."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.io.system import OPEN_FOLDER, sync

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = 0o700
_inherited: list[int] = []


def set_private_umask() -> None:
    """Make this process and the programs that it starts create files for their owner only."""
    _inherited.append(os.umask(0o077))


def restore_umask() -> None:
    """Set the shell's umask again, for a command that takes this program's place."""
    if _inherited:
        os.umask(_inherited.pop())


def private_folder(path: Path) -> Path:
    """Create the folder if it is missing, and close it to others: that hides everything below it, too."""
    path.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(_FOLDER)
    return path


def create_private(path: Path, data: bytes) -> None:
    """Create a file durably, for its owner only; one that another run has created meanwhile stays."""
    with _written_beside(path, data) as temporary, suppress(FileExistsError):
        os.link(temporary, path)  # unlike a rename this does not replace the file of another run


def replace_private(path: Path, data: bytes) -> None:
    """Replace a file atomically and durably by one for its owner only."""
    with _written_beside(path, data) as temporary:
        temporary.replace(path)


@contextmanager
def _written_beside(path: Path, data: bytes) -> Iterator[Path]:
    """A temporary file with `data`, in the folder of `path`; the folder is synced after it has been linked or moved."""
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            sync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, OPEN_FOLDER)
    try:
        sync(folder)
    finally:
        os.close(folder)
