"""The exceptions of gatewright, with their exit codes.

GatewrightError               1   failed
├── UsageError               64   the command line is wrong
├── InvalidEnvironmentError   3   an environment file, or a value for it, is invalid
├── RefusedError              4   Cloudflare refused the credentials or a permission is missing
├── CloudflareError           1   Cloudflare returned an error, or no response
├── EngineError               1   Pulumi's engine is missing, or it failed
├── ChangedPlanError         2   a run would differ from the approved plan
├── LocalCloudflareError      1   the local Cloudflare cannot be started or reached
├── FileRefusedError          1   an emitted file cannot be written
└── NotStartedError    126, 127   the command of `run` is not executable, or not found (the codes of shells)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from gatewright.diagnostics import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """The exit codes of all commands."""

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
    """The base class: `message` says what failed and why in one sentence, `hint` what to do."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GatewrightError):
    """The command line is invalid."""

    exit_code = ExitCode.USAGE


class InvalidEnvironmentError(GatewrightError):
    """An environment is invalid, for the reasons in `diagnostics`."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.diagnostics = tuple(diagnostics)


class RefusedError(GatewrightError):
    """Cloudflare refused the credentials, or they lack a permission."""

    exit_code = ExitCode.REFUSED


class CloudflareError(GatewrightError):
    """Cloudflare returned an error, or no response: then `status` is None."""

    def __init__(self, message: str, hint: str | None = None, *, status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status

    @property
    def is_ambiguous(self) -> bool:
        """Whether the request may have taken effect nevertheless."""
        return self.status is None or self.status >= 500


class EngineError(GatewrightError):
    """Pulumi's engine is missing and cannot be installed, or it failed."""


class NoStackError(EngineError):
    """The backend has no stack of that name."""


class ChangedPlanError(GatewrightError):
    """A run would differ from the plan that was approved."""

    exit_code = ExitCode.CHANGES


class LocalCloudflareError(GatewrightError):
    """The local Cloudflare cannot be started or reached."""


class FileRefusedError(GatewrightError):
    """An emitted file cannot be written to its path."""


class NotStartedError(GatewrightError):
    """The command of `gatewright run` did not start."""

    def __init__(self, message: str, hint: str | None, exit_code: ExitCode = ExitCode.NOT_FOUND) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code


def from_os_error(error: OSError) -> GatewrightError:
    """The error of the operating system, with the file's name."""
    file = f"{escape_unprintable(str(error.filename))}: " if error.filename else ""
    return GatewrightError(f"{file}{error.strerror or error}")
