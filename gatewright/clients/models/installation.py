"""models.json, in a file that the user names."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    (file,) = request.files
    return Installation(
        targets=(Target.whole(request.required_path("models.json"), file.text),),
        reload="restart the programs that read it",
        runs_in="the shell that starts them",
        shares_variables=False,
    )
