"""Replace this process by a command in another environment."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from gatewright.errors import ExitCode, NotStartedError
from gatewright.io.private import restore_umask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def exec_command(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Run `command` in place of this program, with the variables in `environment` only.

    The process, the terminal, the folder and the exit code are the same. Raises NotStartedError where the command does
    not exist or is not executable.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    restore_umask()
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    try:
        os.execvpe(command[0], list(command), dict(environment))  # noqa: S606  no shell, on purpose
    except OSError as error:
        signal.signal(signal.SIGPIPE, before)
        raise _not_started(command[0], error) from None


def _not_started(name: str, error: OSError) -> NotStartedError:
    if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
        hint = "Check that it is a program"
        return NotStartedError(f"{name} cannot be run: {error.strerror}", hint, ExitCode.NOT_EXECUTABLE)
    if "/" in name:
        return NotStartedError(f"{name}, or the interpreter in its first line, does not exist", None)
    return NotStartedError(f"command {name} is not on PATH", "Install it, or give its path")
