"""Crush reads one file of the user's, in which gatewright adds providers and sets the default models."""

from __future__ import annotations

from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target
from gatewright.io.text_edits.text_format import JSON

FILE = "crush.json"


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    machine = request.machine
    path = request.to or machine.place("CRUSH_GLOBAL_CONFIG", machine.config / "crush") / FILE
    content = DesiredContent.of(request.content(FILE), (("providers", ANY),), (("models", ANY),))
    return Installation(targets=(Target(path, JSON, content, FILE),), reload="restart crush")
