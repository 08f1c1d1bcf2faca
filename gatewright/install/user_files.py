"""A user's own file: read only if it can be written safely, and replaced as a whole.

Anything unusual (a symlink, a file of another user, a read-only or large file, one that is open elsewhere) is refused
before anything is written. Mode and owner of the file stay. A symlink that is followed stays: its target is replaced.
"""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import os
import shlex
import stat
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from gatewright.clients.common.user_settings import MAX_SIZE
from gatewright.errors import FileRefusedError
from gatewright.frozen import frozen
from gatewright.io import atomic
from gatewright.io.system import NO_SYMLINK, OPEN_FILE, OPEN_FOLDER, sync
from gatewright.io.untrusted import resolve

LOCK_AGE = 30.0  # seconds; programs that lock with a folder renew it more often
_PRIVATE, _PUBLIC = 0o600, 0o644


@frozen
class UserFile:
    """A file as it was read; `data` is None if it does not exist. `link`: the symlink that led to it."""

    path: Path
    shown: str
    data: bytes | None
    inode: int | None = None
    mode: int = _PUBLIC
    owner: tuple[int, int] | None = None
    link: Path | None = None

    @property
    def text(self) -> str:
        """The text, without a byte order mark. Raises FileRefusedError if it is not UTF-8."""
        try:
            return (self.data or b"").removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            line = (self.data or b"")[: error.start].count(b"\n") + 1
            raise FileRefusedError(f"{self.shown}:{line} is not UTF-8", "Save it as UTF-8, then run again") from None

    def encode(self, text: str) -> bytes:
        """`text` with a byte order mark if the file has one."""
        return (BOM_UTF8 if (self.data or b"").startswith(BOM_UTF8) else b"") + text.encode()


def read_target(path: Path, shown: str, shown_target: Callable[[Path], str]) -> UserFile:
    """Read the file that the symlink at `path` leads to; the file itself if it is not a symlink.

    Raises FileRefusedError as `read` does, and for a symlink without a target.
    """
    if not path.is_symlink():
        return read(path, shown)
    target = resolve(path)
    if not target.exists():
        raise FileRefusedError(
            f"{shown} is a symlink to {shown_target(target)}, which does not exist",
            f"Create the file, or remove the link: rm {shlex.quote(str(path))}",
        )
    return dataclasses.replace(read(target, f"{shown} → {shown_target(target)}"), link=path)


def read(path: Path, shown: str) -> UserFile:
    """Read the file at `path`. Raises FileRefusedError if it cannot be replaced safely."""
    _check_folder(path.parent, shown)
    try:
        status = path.lstat()
    except FileNotFoundError:
        return UserFile(path, shown, None)
    except OSError as error:
        raise _unreadable(shown, error) from None
    _check_kind(path, shown, status)
    try:
        descriptor = os.open(path, OPEN_FILE | NO_SYMLINK)
    except OSError as error:
        raise _unreadable(shown, error) from None
    with os.fdopen(descriptor, "rb") as file:
        _check_in_use(path, shown, file.fileno())
        data = file.read(MAX_SIZE + 1)
    return UserFile(path, shown, data, status.st_ino, stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid))


def replace(file: UserFile, data: bytes | None, *, private: bool) -> None:
    """Replace the file atomically, or remove it if `data` is None. A new file is readable by its owner only if
    `private`.

    Raises FileRefusedError if the file has changed since it was read, or cannot be written.
    """
    mode = file.mode if file.owner is not None else _PRIVATE if private else _PUBLIC
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(file.path.parent, OPEN_FOLDER)
        try:
            require_unchanged(file)
            _require_in(folder, file)
            if data is None:
                atomic.remove_if_exists(folder, file.path.name)
                sync(folder)
                if file.link is not None:  # without the file it would lead nowhere
                    file.link.unlink()
            else:
                atomic.replace(folder, file.path.name, data, mode, owner=file.owner)
        finally:
            os.close(folder)
    except OSError as error:
        raise FileRefusedError(f"{file.shown} cannot be written: {error.strerror}", "It was not changed") from error


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove the folders in order, up to the first that is not empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def require_unchanged(file: UserFile) -> None:
    """Raise FileRefusedError if another program has written the file since it was read."""
    current = read(file.path, file.shown)
    if (current.data, current.inode) != (file.data, file.inode):
        raise _changed(file)


def _require_in(folder: int, file: UserFile) -> None:
    """Raise FileRefusedError if the open folder is another one than that of the file: a link was put in its place."""
    try:
        status = os.stat(file.path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        status = None
    if (status and status.st_ino) != file.inode:
        raise _changed(file)


def _changed(file: UserFile) -> FileRefusedError:
    return FileRefusedError(
        f"{file.shown} was changed by another program meanwhile", "Close that program, then run again"
    )


def _unreadable(shown: str, error: OSError) -> FileRefusedError:
    return FileRefusedError(f"{shown} cannot be read: {error.strerror}", "Set its permissions, then run again")


def _check_folder(folder: Path, shown: str) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise FileRefusedError(f"{shown} cannot be created: {folder} is not a folder", "Move it away, then run again")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileRefusedError(
            f"{shown} cannot be replaced: its folder is not writable", f"chmod u+w {shlex.quote(str(folder))}"
        )


def _check_kind(path: Path, shown: str, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise FileRefusedError(
            f"{shown} is a symlink to {path.readlink()}",
            "Add --follow-symlinks to the command: it edits that file, and the link stays",
        )
    if not stat.S_ISREG(status.st_mode):
        raise FileRefusedError(f"{shown} is not a regular file", "Move it away, then run again")
    if status.st_nlink > 1:
        hint = "Replacing it would separate them. Copy it (cp FILE NEW && mv NEW FILE), then run again"
        raise FileRefusedError(f"{shown} has {status.st_nlink} names (hard links)", hint)
    if status.st_size > MAX_SIZE:
        size = f"{status.st_size / 1024 / 1024:.0f} MB"
        hint = "Check whether it is the client's settings file"
        raise FileRefusedError(f"{shown} is larger than {MAX_SIZE // 1024 // 1024} MB: {size}", hint)
    if not status.st_mode & 0o200 or not os.access(path, os.W_OK):
        raise FileRefusedError(f"{shown} is read-only", f"chmod u+w {shlex.quote(str(path))}, if you may change it")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise FileRefusedError(f"{shown} belongs to another user", "Run as that user")


def _check_in_use(path: Path, shown: str, descriptor: int) -> None:
    """Refuse a file that another program has locked, opened for writing, or opened in an editor."""
    hint = "Close it there, then run again"
    for name in (f".{path.name}.swp", f".#{path.name}"):
        if os.path.lexists(path.parent / name):
            raise FileRefusedError(f"{shown} is open in an editor ({name} is beside it)", hint)
    lock = path.parent / f"{path.name}.lock"
    if lock.is_dir() and time.time() - lock.stat().st_mtime < LOCK_AGE:
        raise FileRefusedError(f"{shown} is in use ({lock.name} is beside it)", hint)
    for lock_file in (fcntl.flock, fcntl.lockf):
        if not _is_granted(partial(lock_file, descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)):
            raise FileRefusedError(f"{shown} is locked by another program", hint)
    if hasattr(fcntl, "F_SETLEASE") and not _is_granted(partial(_take_lease, descriptor)):
        raise FileRefusedError(f"{shown} is open for writing in another program", hint)


def _is_granted(request: Callable[[], object]) -> bool:
    try:
        request()
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        if error.errno not in {errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP, errno.EPERM}:  # file system without locks
            raise
    return True


def _take_lease(descriptor: int) -> None:
    """Take and return a read lease, which the kernel grants only if no program has the file open for writing."""
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
