"""The shell reads a file that gatewright owns, and then starts Gemini CLI, whose settings choose an API key."""

from __future__ import annotations

from gatewright.clients.common.installation import DesiredContent, Installation, InstallRequest, Target
from gatewright.clients.gemini_cli import FOLDER
from gatewright.io.text_edits.text_format import JSON

SETTINGS_FILE, FILE = "settings.json", "gemini.sh"
_CHOICES = (("security", "auth", "selectedType"),)


def installation(request: InstallRequest) -> Installation:
    """The file, named after the client's `provider`, and the user's own settings."""
    folder = FOLDER.on(request.machine)
    path = request.to or folder / f"{request.label}.sh"
    settings = DesiredContent.of(request.content(SETTINGS_FILE), choices=_CHOICES)
    text = next(file.text for file in request.files if file.name == FILE)
    return Installation(
        targets=(
            Target(folder / SETTINGS_FILE, JSON, settings, SETTINGS_FILE, fixed=True),
            Target.whole(path, text, FILE),
        ),
        usage=(f"(. {request.machine.argument(path)} && gemini)",),
        runs_in="the shell that reads the file and starts it",
        shares_variables=False,
        sourced=path,
        ask=("--skip-trust", "--prompt", "{prompt}"),
    )
