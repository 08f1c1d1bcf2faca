"""The settings files that Claude Code merges with the installed one.

Source: code.claude.com/docs/en/settings; lists of all files are merged, as 2.1.329 does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.claude_code.files import chosen_ids
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import UserSettings, read_settings

FOLDER = "CLAUDE_CONFIG_DIR"


def folder_of(request: InstallRequest) -> Path:
    """The folder of the user's settings."""
    return request.machine.place(FOLDER, request.machine.home / ".claude")


def user_files(request: InstallRequest) -> Iterator[UserSettings]:
    """The user's settings, those of the project in this folder and above, and the older file with variables."""
    machine = request.machine
    user = folder_of(request)
    paths = [user / "settings.json"]
    for folder in machine.project_folders:
        paths += [folder / ".claude" / name for name in ("settings.json", "settings.local.json")]
    legacy = machine.place(FOLDER, machine.home) / ".claude.json"
    for path in dict.fromkeys([*paths, legacy]):
        yield read_settings(machine, path)


def allowed_models(request: InstallRequest) -> tuple[str, ...]:
    """The installed models, if the user's settings restrict the models: the lists of all files are merged."""
    lists = [settings.get("availableModels") for settings in user_files(request)]
    if not any(isinstance(allowed, list) for allowed in lists):
        return ()
    return chosen_ids(request.environment, request.client)
