"""What changes the installed settings in Copilot: the model that the user has saved (tried with 1.0.102)."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict, Severity, find_keys
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.copilot import FOLDER


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    settings = read_settings(request.machine, FOLDER.on(request.machine) / "settings.json")
    effect = "decides the parameters of requests, for example reasoning_effort, also for the installed model"
    return find_keys(settings, {"model": effect}, severity=Severity.NOTED)
