"""A command in the place of this process: with more in its environment, and without what deploys."""

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
"""What can change the account or open the stack: no agent needs it."""


def exec_command(command: Sequence[str], variables: Mapping[str, str], without: Collection[str] = ()) -> NoReturn:
    """Runs `command` instead of this program: same process, terminal, folder; its exit code is the one that is seen.
    It finds `variables` set, and those `without` not.

    Raises NotStartedError where there is no such command, or it is none.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {name: value for name, value in os.environ.items() if name not in without}
    environment = {**kept, **variables}
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored is handed on
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606  no shell, on purpose
    except OSError as error:
        signal.signal(signal.SIGPIPE, before)
        raise _not_started(command[0], error) from None


def _not_started(name: str, error: OSError) -> NotStartedError:
    if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
        return NotStartedError(f"{name} cannot be run: {error.strerror}", "Is it a program?", ExitCode.NOT_EXECUTABLE)
    if "/" in name:
        return NotStartedError(f"{name} is not there, or the program in its first line is not", None)
    return NotStartedError(f"there is no command {name} on PATH", "Install it, or give its path")
