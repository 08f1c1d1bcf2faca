"""Replace this process by a command, with more variables in its environment and without those that deploy."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from gatewright.errors import ExitCode, NotStartedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

DEPLOYING = (
    "CLOUDFLARE_API_TOKEN",
    "CLOUDFLARE_API_KEY",
    "CLOUDFLARE_API_USER_SERVICE_KEY",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
)
"""Variables that give access to the account or the stack, which no client needs."""


def exec_command(command: Sequence[str], variables: Mapping[str, str], without: Collection[str] = ()) -> NoReturn:
    """Run `command` in place of this program, with `variables` set and those in `without` unset.

    The process, the terminal, the folder and the exit code are the same. Raises NotStartedError where the command does
    not exist or is not executable.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    inherited = {name: value for name, value in os.environ.items() if name not in without}
    environment = {**inherited, **variables}
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606  no shell, on purpose
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
