"""A dotenv file that the user names: gatewright's variables follow the user's own."""

from __future__ import annotations

from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target
from gatewright.io.text_edits.text_format import ENV


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    path = request.required_path(".env")
    return Installation(
        targets=(Target(path, ENV, DesiredContent.of(request.content(".env"), entries=((ANY,),))),),
        reload="restart the programs that read it",
        runs_in="the shell that starts them",
        shares_variables=False,
    )
