"""models.json, in the file that the user names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.targets import WHOLE, DesiredContent, Installation, Target

if TYPE_CHECKING:
    from gatewright.install.programs import Request


def installation(request: Request) -> Installation:
    """The one file."""
    (file,) = request.files
    path = request.named_place("models.json")
    return Installation(
        targets=(Target(path, WHOLE, DesiredContent({(): file.text})),),
        reload="start the programs that read it anew",
        runs_in="the shell that starts them",
        shares_variables=False,
    )
