"""The differences between Linux and macOS in files and locks, in one place.

`platform` is `sys.platform`: a parameter, so that the tests of one system can choose the other. Windows has neither
these locks nor folders that can be opened: there, only commands that write nothing run outside of WSL.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

MACOS: Final = "darwin"
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that end a process. Windows has no SIGHUP."""
F_FULLFSYNC: Final = 51
"""From macOS's <sys/fcntl.h>; Python has the name on macOS only."""
NOT_SUPPORTED = frozenset({errno.EINVAL, errno.ENOTTY, errno.ENOTSUP, errno.EOPNOTSUPP})

# flags of os.open, which Windows lacks
NO_SYMLINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
OPEN_FOLDER: Final[int] = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
OPEN_FILE: Final[int] = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"))


def control(descriptor: int, command: int) -> None:
    """The system call fcntl."""
    import fcntl

    fcntl.fcntl(descriptor, command)


def sync(descriptor: int, platform: str = sys.platform, control: Callable[[int, int], None] = control) -> None:
    """Write an open file or folder to the disk.

    macOS's fsync leaves the data in the drive's cache, F_FULLFSYNC does not: `man 2 fsync` there. File systems of other
    systems, for example shared folders, have no F_FULLFSYNC.
    """
    if platform == MACOS:
        try:
            control(descriptor, F_FULLFSYNC)
        except OSError as error:
            if error.errno not in NOT_SUPPORTED:
                raise
        else:
            return
    os.fsync(descriptor)


def lock_file(descriptor: int, *, shared: bool = False, wait: bool = True) -> bool:
    """Lock an open file or folder until it is closed; False, without `wait`, where another process has the lock.

    A system without such locks grants every one.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
