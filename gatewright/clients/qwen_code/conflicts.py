"""What beats the installed settings in Qwen Code: the settings of the project.

Source: docs/configuration/settings.md of 0.24.4: the project's file beats the user's, key by key; a provider that both
have is that of the project.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict, Severity, find_keys
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.qwen_code.installation import FILE, config_path

_MODEL = "beats the installed model here"
_PROJECT = {"model": _MODEL, "security": "beats the installed kind of model here", "fastModel": _MODEL}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    path = config_path(request)
    for folder in request.machine.project_folders:
        file = folder / ".qwen" / FILE
        if file != path:
            settings = read_settings(request.machine, file)
            yield from find_keys(settings, _PROJECT, severity=Severity.NOTED)
            for name in request.content(FILE)["modelProviders"]:
                if settings.get("modelProviders", name) is not None:
                    location = settings.location("modelProviders", name)
                    effect = "beats the installed provider of that name here"
                    fix = f"Remove modelProviders.{name} from {settings.shown}"
                    yield Conflict(location, f"modelProviders.{name}", effect, fix, Severity.WARNED)
