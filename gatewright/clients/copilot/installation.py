"""The shell reads a file that gatewright owns, and then starts Copilot."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target
from gatewright.clients.copilot import FOLDER


def installation(request: InstallRequest) -> Installation:
    """The one file, named after the client's `provider`."""
    (file,) = request.files
    path = request.to or FOLDER.on(request.machine) / f"{request.label}.sh"
    return Installation(
        targets=(Target.whole(path, file.text, file.name),),
        usage=(f"(. {request.machine.argument(path)} && copilot)",),
        runs_in="the shell that reads the file and starts it",
        shares_variables=False,
        sourced=path,
        ask=("--silent", "--no-auto-update", "--prompt", "{prompt}"),
    )
