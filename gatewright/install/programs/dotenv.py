"""A dotenv file: our variables stand behind the user's own, in the file that the user names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.targets import ANY, ENV, Installation, Target, sorted_out

if TYPE_CHECKING:
    from gatewright.install.programs import Request


def installation(request: Request) -> Installation:
    """The one file."""
    path = request.named_place(".env")
    wanted = sorted_out(request.content(".env"), entries=((ANY,),))
    return Installation(
        targets=(Target(path, ENV, wanted),),
        reload="start the programs that read it anew",
        runs_in="the shell that starts them",
        shares_variables=False,
    )
