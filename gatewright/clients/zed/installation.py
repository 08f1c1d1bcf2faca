"""Zed reads one file of the user's, in which gatewright adds providers and sets the default model."""

from __future__ import annotations

from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target
from gatewright.io.text_edits.text_format import JSON

FILE = "settings.json"
_DEFAULT = ("agent", "default_model")


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    path = request.to or request.machine.config / "zed" / FILE
    entries = (("language_models", "openai_compatible", ANY),)
    content = DesiredContent.of(request.content(FILE), entries, (_DEFAULT,))
    return Installation(
        targets=(Target(path, JSON, content, FILE),),
        reload="nothing: it watches the file",
        runs_in="the shell that starts it; or enter the token in its settings, which keep it in the keychain",
    )
