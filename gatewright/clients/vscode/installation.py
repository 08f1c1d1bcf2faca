"""VS Code's file is a list of the user's, so the entries go to a file beside it, from which the user copies them."""

from __future__ import annotations

from gatewright.clients.common.installation import Installation, InstallRequest, Target


def installation(request: InstallRequest) -> Installation:
    """The one file, named after the client's `provider`."""
    (file,) = request.files
    folder = request.machine.application_support / "Code" / "User"
    return Installation(
        targets=(Target.whole(request.to or folder / f"{request.label}.{file.name}", file.text),),
        reload="copy the entries: Chat: Open Language Models (JSON); enter the token: Chat: Manage Language Models",
        runs_in="nowhere: the editor keeps the token in its secret storage",
    )
