"""What is merged below the installed profile in Codex: a provider of the same name in the user's config.toml.

Source: docs/config.md of openai/codex: a profile's tables are merged over those of config.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.codex.installation import FOLDER
from gatewright.clients.common.conflicts import Conflict, Severity
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings

_PROVIDERS = "model_providers"


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    machine = request.machine
    folder = machine.place(FOLDER, machine.home / ".codex")
    settings = read_settings(machine, folder / "config.toml")
    installed = [request.content(file.name) for file in request.files]
    providers = dict.fromkeys(name for content in installed for name in content[_PROVIDERS])
    for name in providers:
        if settings.get(_PROVIDERS, name) is not None:
            path = f"{_PROVIDERS}.{name}"
            effect = "is merged with the installed provider of that name, with its keys and headers"
            fix = f"Remove it, or choose another name: `provider: NAME` of the client in the environment file ({path})"
            yield Conflict(settings.location(_PROVIDERS, name), path, effect, fix, Severity.REFUSED)
    for file in request.files:
        profile = file.name.removesuffix(".config.toml")
        if settings.get("profiles", profile) is not None:
            yield _older_profile(settings.location("profiles", profile), f"profiles.{profile}")
        if settings.get("profile") == profile:
            yield _older_profile(settings.location("profile"), "profile")


def _older_profile(location: str, name: str) -> Conflict:
    """Codex 0.169 refuses `-p NAME` where config.toml has a profile of that name in the older form."""
    effect = "is the older form of the profile that install adds, and Codex refuses to start with both"
    fix = "Remove it, or choose another name: `provider: NAME` of the client in the environment file"
    return Conflict(location, name, effect, fix, Severity.INVALID)
