"""Lines appended to a file that only its owner can read. A killed run leaves at most one broken line."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from gatewright.io.atomic import open_folder
from gatewright.io.system import NO_SYMLINK, OPEN_FOLDER, lock_file, sync

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | NO_SYMLINK


def append_line(start: Path, folders: Sequence[str], name: str, line: str) -> None:
    """Append `line` durably to the file `name` in `folders` below `start`, which is created if it is missing.

    Processes append one after the other. A line that a killed run left without its end is ended first, so that it does
    not spoil the new one. Raises OSError, also for a symlink or a special file.
    """
    top = os.open(start, OPEN_FOLDER)
    try:
        with open_folder(top, folders, create=True) as folder:
            _append(folder, name, f"{line}\n".encode())
    finally:
        os.close(top)


def _append(folder: int, name: str, data: bytes) -> None:
    descriptor = os.open(name, _APPEND, 0o600, dir_fd=folder)
    try:
        lock_file(descriptor)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{name} is not a regular file")
        if stat.S_IMODE(status.st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
        if status.st_size and os.pread(descriptor, 1, status.st_size - 1) != b"\n":
            data = b"\n" + data
        while data:
            data = data[os.write(descriptor, data) :]
        sync(descriptor)
        if not status.st_size:
            sync(folder)
    finally:
        os.close(descriptor)
