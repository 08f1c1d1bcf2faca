"""File operations relative to an open folder, like the *at() calls of POSIX. They follow no symlinks.

Names are single parts of a path. Errors are OSErrors: FileNotFoundError, and for a symlink or a special file one whose
errno is in NOT_REGULAR.
"""

# ruff: noqa: PTH123 - a descriptor has no path

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gatewright.io.system import NO_SYMLINK, OPEN_FILE, OPEN_FOLDER, sync

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOT_REGULAR = frozenset({errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EMLINK, errno.EOPNOTSUPP})
"""Of a socket, Linux reports ENXIO, and macOS EOPNOTSUPP."""

TEMPORARY_NAME = ".gatewright.new"
"""The name of a file while it is written; leftovers of a killed run are ignored."""

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_SYMLINK


@contextmanager
def open_folder(start: int, names: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """Open the folder `names` below `start`; with `create`, create missing folders durably, for their owner only."""
    folder = os.dup(start)
    try:
        for name in names:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=folder)
                    sync(folder)
            below = os.open(name, OPEN_FOLDER | NO_SYMLINK, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def read(folder: int, name: str) -> tuple[bytes, int]:
    """The content of the file, and its permission bits."""
    descriptor = os.open(name, OPEN_FILE | NO_SYMLINK, dir_fd=folder)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(), stat.S_IMODE(mode)
    finally:
        os.close(descriptor)


def replace(folder: int, name: str, data: bytes, mode: int, *, owner: tuple[int, int] | None = None) -> None:
    """Replace the content of the file atomically and durably. The caller allows one call at a time in a folder.

    `owner` is the user id and group id of the new file.
    """
    remove_if_exists(folder, TEMPORARY_NAME)
    descriptor = os.open(TEMPORARY_NAME, _NEW_FILE, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            if owner is not None:
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            sync(descriptor)
        os.rename(TEMPORARY_NAME, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        remove_if_exists(folder, TEMPORARY_NAME)
    sync(folder)


def is_same(folder: int, name: str, other: str) -> bool:
    """Whether both names exist and are the same file, as for names that differ in case only on macOS."""
    with suppress(FileNotFoundError):
        return os.path.samestat(*(os.stat(path, dir_fd=folder, follow_symlinks=False) for path in (name, other)))
    return False


def remove_if_exists(folder: int, name: str) -> None:
    """Remove the file if it exists."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
