"""Everything that gatewright raises on purpose, in one tree.

GatewrightError               1   failed
├── UsageError               64   the command line is wrong
├── InvalidEnvironmentError   3   what the user wrote cannot be used
├── RefusedError              4   Cloudflare refused: credentials, permissions
├── CloudflareError           1   Cloudflare answered with an error, or not at all
├── EngineError               1   Pulumi's engine is missing, broken, or stopped
├── ChangedPlanError         2   a run would do something else than the plan that was agreed to
├── LocalCloudflareError      1   the Cloudflare on this machine is not there, or its port is taken
├── FileRefusedError          1   an emitted file cannot be written where it belongs
└── NotStartedError    126, 127   the command given to `run` cannot be run, or is not there; as shells have it
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What every command exits with."""

    DONE = 0
    FAILED = 1
    CHANGES = 2
    INVALID = 3
    REFUSED = 4
    USAGE = 64
    NOT_EXECUTABLE = 126
    NOT_FOUND = 127
    INTERRUPTED = 130


class GatewrightError(Exception):
    """The root: `message` says what and why in one sentence, `hint` what to do."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GatewrightError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE


class InvalidEnvironmentError(GatewrightError):
    """An environment's files cannot be used: all `diagnostics` at once."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.diagnostics = tuple(diagnostics)


class RefusedError(GatewrightError):
    """Cloudflare refused the credentials, or they lack a permission."""

    exit_code = ExitCode.REFUSED


class CloudflareError(GatewrightError):
    """Cloudflare answered with an error, or not at all: then `status` is None."""

    def __init__(self, message: str, hint: str | None = None, *, status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status

    @property
    def is_ambiguous(self) -> bool:
        """Whether what was asked may have been done all the same."""
        return self.status is None or self.status >= 500


class EngineError(GatewrightError):
    """Pulumi's engine is missing and cannot be had, or it failed."""


class NoStackError(EngineError):
    """The backend has no stack of that name (yet)."""


class ChangedPlanError(GatewrightError):
    """A run would do something else than the plan that was agreed to."""

    exit_code = ExitCode.CHANGES


class LocalCloudflareError(GatewrightError):
    """The Cloudflare on this machine cannot be started or reached."""


class FileRefusedError(GatewrightError):
    """An emitted file cannot be written where it belongs."""


class NotStartedError(GatewrightError):
    """A command that was to run in our place did not start."""

    def __init__(self, message: str, hint: str | None, exit_code: ExitCode = ExitCode.NOT_FOUND) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


def from_os_error(error: OSError) -> GatewrightError:
    """What the system refused, on which file."""
    where = f"{error.filename}: " if error.filename else ""
    return GatewrightError(f"{where}{error.strerror or error}")
