"""Files and folders that only their owner can read, whatever umask the shell has."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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
