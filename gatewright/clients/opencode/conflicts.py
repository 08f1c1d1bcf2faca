"""What hides or beats the installed settings in OpenCode: other layers of its configuration, and stored keys.

Source: docs/config and docs/providers of 1.18: all layers are merged, the project's over the user's; a stored key is
sent where the provider has no apiKey.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.common.conflicts import Conflict, Severity, find_keys, find_variables
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import UserSettings, read_settings
from gatewright.clients.opencode.installation import FILE, config_path

_NAMES = ("config.json", FILE, "opencode.jsonc")
_LISTS = (("enabled_providers", False, ("Add", "to")), ("disabled_providers", True, ("Remove", "from")))
"""The lists of providers: whether one hides those that it names, and how it is edited."""
_CONTENT = {"OPENCODE_CONFIG_CONTENT": "is merged over the installed settings"}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    machine, path = request.machine, config_path(request)
    providers = request.content(FILE)["provider"]
    for name in _NAMES:
        if (other := machine.config / "opencode" / name) != path:
            yield from _find_lists(read_settings(machine, other), providers)
    for other in _project_files(machine):
        if other != path:
            settings = read_settings(machine, other)
            yield from _find_lists(settings, providers)
            yield from find_keys(settings, {"model": "beats the installed default model here"}, severity=Severity.NOTED)
    yield from find_variables(machine, _CONTENT, Severity.NOTED)
    data = machine.place("XDG_DATA_HOME", machine.home / ".local" / "share")
    stored = read_settings(machine, data / "opencode" / "auth.json")
    without_key = {name for name, provider in providers.items() if "apiKey" not in provider["options"]}
    effect = "is a stored key, which OpenCode would send to Cloudflare beside the gateway's token"
    yield from find_keys(stored, dict.fromkeys(sorted(without_key), effect))


def _project_files(machine: Machine) -> Iterator[Path]:
    """The project's files: OpenCode looks in the folder and above, up to the repository."""
    for folder in machine.project_folders:
        yield from (folder / name for name in _NAMES[1:])
        yield from (folder / ".opencode" / name for name in _NAMES[1:])


def _find_lists(settings: UserSettings, providers: dict[str, object]) -> Iterator[Conflict]:
    """Lists of providers in a file that install does not edit."""
    for key, hides_listed, edit in _LISTS:
        listed = settings.get(key)
        hidden = [name for name in providers if isinstance(listed, list) and (name in listed) is hides_listed]
        if hidden:
            fix = f"{edit[0]} {', '.join(hidden)} {edit[1]} {key} in {settings.shown}"
            yield Conflict(settings.location(key), key, "hides the installed models", fix, Severity.WARNED)
