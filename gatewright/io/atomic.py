"""File operations relative to an open folder, as the *at() calls of POSIX: no step of theirs follows a symlink.

Names are single parts of a path. Errors are those of the system: FileNotFoundError, and for what is neither file nor
folder, or a symlink, an OSError whose errno is in NOT_REGULAR.
"""

# ruff: noqa: PTH123 - a descriptor has no path

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOT_REGULAR = frozenset({errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EMLINK})

TEMPORARY_NAME = ".gatewright.new"
"""The name that a file has while it is written; what a killed run left under it is nothing."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def open_folder(start: int, names: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """The folder `names` below `start`, open; with `create`, missing ones are made to last."""
    folder = os.dup(start)
    try:
        for name in names:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)
                    os.fsync(folder)
            below = os.open(name, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)


def read(folder: int, name: str) -> tuple[bytes, int]:
    """What the file holds, and its permission bits."""
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(), stat.S_IMODE(mode)
    finally:
        os.close(descriptor)


def replace(folder: int, name: str, data: bytes, mode: int, *, owner: tuple[int, int] | None = None) -> None:
    """Make the file hold `data`, at once and to last: whoever looks sees what it held before, or all of `data`.

    `owner` is the user and the group it gets, by their ids. One at a time in a folder: the caller sees to that.
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
            os.fsync(descriptor)
        os.rename(TEMPORARY_NAME, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        remove_if_exists(folder, TEMPORARY_NAME)
    os.fsync(folder)


def remove_if_exists(folder: int, name: str) -> None:
    """Remove the file, if there is one."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
