"""Claude Code: a file of our own beside the user's settings.json, which stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.targets import WHOLE, DesiredContent, Installation, Target, Validator

if TYPE_CHECKING:
    from gatewright.install.programs import Request

FOLDER = "CLAUDE_CONFIG_DIR"


def installation(request: Request) -> Installation:
    """The one file, which goes by the provider's name."""
    (file,) = request.files
    name = f"{request.label}.settings.json"
    machine = request.machine
    path = request.to or machine.place(FOLDER, machine.home / ".claude") / name
    return Installation(
        targets=(Target(path, WHOLE, DesiredContent({(): file.text}), name),),
        reload="nothing: it is read at each start",
        usage=(f"claude --settings {machine.argument(path)}",),
        validator=Validator("claude", ("--settings", f"{{folder}}/{name}", "doctor"), {FOLDER: "{folder}"}, _refusal),
        shares_variables=False,
    )


def _refusal(said: str) -> str | None:
    _, found, after = said.partition("Invalid settings\n")
    return after.splitlines()[0].rpartition("› ")[2] if found else None
