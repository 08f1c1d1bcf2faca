"""Aider: files of our own in its folder, for `aider --config`; a user's .aider.conf.yml stays as it is, below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.programs import named
from gatewright.install.targets import WHOLE, DesiredContent, Installation, Target, Validator
from gatewright.io.formats import serialize

if TYPE_CHECKING:
    from gatewright.install.programs import Request

CONFIG = ".aider.conf.yml"
_NAMES_OF_OTHERS = {
    ".aider.model.metadata.json": "model-metadata-file",
    ".aider.model.settings.yml": "model-settings-file",
}
_QUIET = ("--no-git", "--no-check-update", "--no-show-release-notes", "--analytics-disable", "--yes-always")


def installation(request: Request) -> Installation:
    """The settings, and beside them the files that they name."""
    machine = request.machine
    path = request.to or machine.home / ".aider" / f"{request.label}.conf.yml"
    settings, targets = dict(request.content(CONFIG)), []
    for file in request.files:
        if setting := _NAMES_OF_OTHERS.get(named(file)):
            other = path.parent / f"{request.label}{named(file).removeprefix('.aider')}"
            settings[setting] = str(other)
            targets.append(Target(other, WHOLE, DesiredContent({(): file.text}), fixed=True))
    targets.append(Target(path, WHOLE, DesiredContent({(): serialize(CONFIG, settings)}), CONFIG))
    return Installation(
        targets=tuple(targets),
        reload="nothing: they are read at each start",
        usage=(f"aider --config {machine.argument(path)}",),
        validator=Validator("aider", ("--config", f"{{folder}}/{CONFIG}", *_QUIET, "--exit"), {}, _refusal, _takes),
        shares_variables=False,
    )


def _takes(exit_code: int, said: str) -> bool:
    """It says its version once it has read them, and then may fail for want of a key."""
    return exit_code == 0 or "Aider v" in said


def _refusal(said: str) -> str | None:
    return next((line.strip() for line in said.splitlines() if "aider: error: " in line), None)
