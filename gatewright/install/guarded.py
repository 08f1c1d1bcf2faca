"""A user's own file: read only where it can be written safely, and replaced whole.

What is odd about it (a symlink, a file of another user, read-only, too large, open elsewhere) is refused before
anything is written. Its mode and owner stay.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import stat
import time
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError
from gatewright.io import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

LARGEST = 5 * 1024 * 1024
"""Bytes; a config file that is larger is something else."""
FRESH = 30.0  # seconds; programs that lock with a folder renew it more often
_MINE, _PUBLIC = 0o600, 0o644


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was read; `data` is None where there is none."""

    path: Path
    shown: str
    data: bytes | None
    inode: int | None = None
    mode: int = _PUBLIC
    owner: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """Without a byte order mark. Raises FileRefusedError where it is no UTF-8."""
        try:
            return (self.data or b"").removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            line = (self.data or b"")[: error.start].count(b"\n") + 1
            raise _refused(f"{self.shown}:{line} is no UTF-8", "save it as UTF-8, then run again") from None


def encoded(text: str, found: Found) -> bytes:
    """`text` as it belongs in the place of what was found: with a byte order mark where that has one."""
    return (BOM_UTF8 if (found.data or b"").startswith(BOM_UTF8) else b"") + text.encode()


def look(path: Path, shown: str, *, elsewhere: bool = False) -> Found:
    """The file at `path`; `elsewhere`: the user may name another one with --to.

    Raises FileRefusedError where it is not one that may be replaced.
    """
    _refuse_folder(path.parent, shown)
    try:
        status = path.lstat()
    except FileNotFoundError:
        return Found(path, shown, None)
    except OSError as error:
        raise _refused(f"{shown} cannot be read: {error.strerror}", "set its rights, then run again") from None
    _refuse_odd(path, shown, status, elsewhere=elsewhere)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(f"{shown} cannot be read: {error.strerror}", "set its rights, then run again") from None
    with os.fdopen(descriptor, "rb") as file:
        _refuse_open(path, shown, file.fileno())
        data = file.read(LARGEST + 1)
    return Found(path, shown, data, status.st_ino, stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid))


def put(found: Found, data: bytes | None, *, private: bool) -> None:
    """Puts `data` in the place of what was found, at once, or nothing where it is None; a new file is readable by its
    owner alone if `private`.

    Raises FileRefusedError where the file is not any more what was found, or cannot be written.
    """
    require_unchanged(found)
    mode = found.mode if found.owner is not None else _MINE if private else _PUBLIC
    try:
        found.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(found.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if data is None:
                atomic.remove_if_exists(folder, found.path.name)
                os.fsync(folder)
            else:
                atomic.replace(folder, found.path.name, data, mode, owner=found.owner)
        finally:
            os.close(folder)
    except OSError as error:
        raise _refused(f"{found.shown} cannot be written: {error.strerror}", "nothing of it was changed") from error


def remove_empty(folders: Iterable[Path]) -> None:
    """Removes the folders, innermost first, up to one that holds something."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def require_unchanged(found: Found) -> None:
    """Raises FileRefusedError where another program has written the file since it was found."""
    now = look(found.path, found.shown)
    if (now.data, now.inode) != (found.data, found.inode):
        raise _refused(f"{found.shown} was changed by another program meanwhile", "close that program, then run again")


def _refuse_folder(folder: Path, shown: str) -> None:
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise _refused(f"{shown} cannot be there: {folder} is no folder", "move it away, then run again")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused(
            f"{shown} cannot be replaced: its folder may not be written", f"chmod u+w {shlex.quote(str(folder))}"
        )


def _refuse_odd(path: Path, shown: str, status: os.stat_result, *, elsewhere: bool) -> None:
    if stat.S_ISLNK(status.st_mode):
        target = path.readlink()
        file = shlex.quote(os.path.normpath(path.parent / target))
        hint = "put the file in its place, " + (
            f"or --to {file} edits the file itself" if elsewhere else "then run again"
        )
        raise _refused(f"{shown} is a symlink to {target}: left as it is", hint)
    if not stat.S_ISREG(status.st_mode):
        raise _refused(f"{shown} is no file", "move it away, then run again")
    if status.st_nlink > 1:
        hint = "replacing it would part them: copy it (cp FILE NEW && mv NEW FILE), then run again"
        raise _refused(f"{shown} has {status.st_nlink} names (hard links)", hint)
    if status.st_size > LARGEST:
        size = f"{status.st_size / 1024 / 1024:.0f} MB"
        raise _refused(f"{shown} is larger than expected: {size}", "is it the client's settings file at all?")
    if not status.st_mode & 0o200 or not os.access(path, os.W_OK):
        raise _refused(f"{shown} is read-only", f"chmod u+w {shlex.quote(str(path))}, if it is yours to change")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise _refused(f"{shown} belongs to another user", "run as that user")


def _refuse_open(path: Path, shown: str, descriptor: int) -> None:
    """Where another program holds a lock on it, has it open for writing, or has it in an editor."""
    close = "close it there, then run again"
    for beside in (f".{path.name}.swp", f".#{path.name}"):
        if os.path.lexists(path.parent / beside):
            raise _refused(f"{shown} is open in an editor ({beside} lies beside it)", close)
    held = path.parent / f"{path.name}.lock"
    if held.is_dir() and time.time() - held.stat().st_mtime < FRESH:
        raise _refused(f"{shown} is in use ({held.name} lies beside it)", close)
    if not _granted(lambda: fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)):
        raise _refused(f"{shown} is locked by another program", close)
    if not _granted(lambda: fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)):
        raise _refused(f"{shown} is locked by another program", close)
    if hasattr(fcntl, "F_SETLEASE") and not _granted(lambda: _lease(descriptor)):
        raise _refused(f"{shown} is open for writing in another program", close)


def _granted(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        if error.errno not in {errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP, errno.EPERM}:  # not on this file system
            raise
    return True


def _lease(descriptor: int) -> None:
    """The kernel gives a read lease only where nobody has the file open for writing; it is given back at once."""
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _refused(message: str, hint: str) -> FileRefusedError:
    return FileRefusedError(message, hint)
