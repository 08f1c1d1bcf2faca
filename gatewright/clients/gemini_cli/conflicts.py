"""What beats the installed settings in Gemini CLI: another login that the user, the project or the machine chooses or
enforces.

Source: docs/reference/configuration.md and docs/cli/enterprise.md of 0.61.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.common.conflicts import Conflict, Severity
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import UserSettings, read_settings
from gatewright.clients.gemini_cli import FOLDER
from gatewright.clients.gemini_cli.files import SETTINGS
from gatewright.clients.gemini_cli.installation import SETTINGS_FILE
from gatewright.command_line import command
from gatewright.io.system import MACOS

SYSTEM, SYSTEM_ON_MACOS = Path("/etc/gemini-cli"), Path("/Library/Application Support/GeminiCli")
_LOGIN = SETTINGS["security"]["auth"]["selectedType"]
_EFFECTS = {
    "selectedType": "chooses another login, so the gateway is not used",
    "enforcedType": "enforces another login, so the program refuses to start",
}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    machine = request.machine
    own = FOLDER.on(machine) / SETTINGS_FILE
    yield from _find_chosen_login(request, read_settings(machine, own))
    yield from _find_logins(read_settings(machine, own), "enforcedType")
    for folder in machine.project_folders:
        file = folder / ".gemini" / SETTINGS_FILE
        if file != own:
            yield from _find_logins(read_settings(machine, file), *_EFFECTS)
    system = SYSTEM_ON_MACOS if machine.platform == MACOS else SYSTEM
    default = machine.place("GEMINI_CLI_SYSTEM_SETTINGS_PATH", system / SETTINGS_FILE)
    yield from _find_logins(read_settings(machine, default), *_EFFECTS)


def _find_chosen_login(request: InstallRequest, settings: UserSettings) -> Iterator[Conflict]:
    """The user's own login, which install replaces and uninstall restores."""
    path = ("security", "auth", "selectedType")
    if settings.get(*path) not in (None, "", _LOGIN):
        effect = "is another login: with it, Gemini CLI does not use the gateway"
        fix = command(f"install {request.environment.name} {request.client.program} --default")
        yield Conflict(settings.location(*path), ".".join(path), effect, fix, Severity.ASKED, settings.path)


def _find_logins(settings: UserSettings, *keys: str) -> Iterator[Conflict]:
    for key in keys:
        path = ("security", "auth", key)
        if settings.get(*path) not in (None, "", _LOGIN):
            fix = f"Remove {'.'.join(path)} from {settings.shown}"
            yield Conflict(settings.location(*path), ".".join(path), _EFFECTS[key], fix, Severity.WARNED)
