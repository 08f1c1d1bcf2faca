"""What hides or beats the installed settings in pi: its extension's file for another gateway, and a project's settings.

Source: docs/settings.md of 0.87.1: the settings of a project that is trusted override the user's.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict, Severity, find_keys
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.pi.installation import EXTENSION, SETTINGS, folder_of

_PROJECT = {
    "defaultProvider": "beats the installed default model in this folder",
    "defaultModel": "beats the installed default model in this folder",
    "enabledModels": "keeps pi on its models in this folder",
}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    yield from _find_other_gateway(request)
    project = read_settings(request.machine, request.machine.folder / ".pi" / SETTINGS)
    yield from find_keys(project, _PROJECT, severity=Severity.NOTED)


def _find_other_gateway(request: InstallRequest) -> Iterator[Conflict]:
    extension = read_settings(request.machine, folder_of(request) / EXTENSION)
    desired = request.content(EXTENSION)
    if not isinstance(extension.data, dict) or all(
        extension.get(key) in (None, value) for key, value in desired.items()
    ):
        return
    name, account = extension.get("gatewayName"), extension.get("accountId")
    effect = f"is {name}, a gateway of account {account}, and pi's extension knows only one"
    fix = f"Move {extension.shown} away to keep it"
    yield Conflict(extension.location("gatewayName"), "gatewayName", effect, fix, Severity.ASKED, extension.path)
