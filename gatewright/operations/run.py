"""A command in the place of this process, with more in its environment."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from gatewright.errors import ExitCode, NotStartedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def become(command: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Runs `command` instead of this program: same process, terminal, folder; its exit code is the one that is seen.

    Raises NotStartedError where there is no such command, or it is none.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored is handed on
    try:
        os.execvpe(command[0], list(command), {**os.environ, **variables})  # noqa: S606  no shell, on purpose
    except OSError as error:
        signal.signal(signal.SIGPIPE, before)
        raise _not_started(command[0], error) from None


def _not_started(name: str, error: OSError) -> NotStartedError:
    if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
        return NotStartedError(f"{name} cannot be run: {error.strerror}", "Is it a program?", ExitCode.NOT_EXECUTABLE)
    if "/" in name:
        return NotStartedError(f"{name} is not there, or the program in its first line is not", None)
    return NotStartedError(f"there is no command {name} on PATH", "Install it, or give its path")
