"""Claude Code reads a file that gatewright owns, beside the user's settings.json."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target, Validator

FOLDER = "CLAUDE_CONFIG_DIR"


def installation(request: InstallRequest) -> Installation:
    """The one file, named after the client's `provider`."""
    (file,) = request.files
    name = f"{request.label}.settings.json"
    machine = request.machine
    path = request.to or machine.place(FOLDER, machine.home / ".claude") / name
    return Installation(
        targets=(Target.whole(path, file.text, name),),
        usage=(f"claude --settings {machine.argument(path)}",),
        validator=Validator("claude", ("--settings", f"{{folder}}/{name}", "doctor"), {FOLDER: "{folder}"}, _refusal),
        shares_variables=False,
    )


def _refusal(output: str) -> str | None:
    _, separator, after = output.partition("Invalid settings\n")
    return after.splitlines()[0].rpartition("› ")[2] if separator else None
