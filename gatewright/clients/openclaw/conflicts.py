"""What hides or beats the installed settings in OpenClaw, and what would make it refuse its file.

Source: `openclaw config validate` of 2026.9.6, and its docs/concepts/models.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict, Severity
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.user_settings import read_settings
from gatewright.clients.openclaw import FOLDER
from gatewright.clients.openclaw.installation import allow_lists, allowed_providers
from gatewright.clients.openclaw.user_config import FILE, UserConfig, read_user_config

_DOCTOR = "openclaw doctor --fix"
_OLD_FOLDERS = (".clawdbot", ".moltbot")


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    config = read_user_config(request)
    yield from _find_old_agents(request, config)
    yield from _find_allow_lists(request, config)
    yield from _find_stored_keys(request)
    yield from _find_old_folder(request, config)


def _find_old_agents(request: InstallRequest, config: UserConfig) -> Iterator[Conflict]:
    """OpenClaw accepts `agents.list` or `agents.entries`, and refuses a file with both."""
    desired = request.content(FILE).get("agents", {})
    own_list, where = config.get("agents", "list"), config.settings
    if own_list and "entries" in desired:
        effect = "is the older form of agents.entries, and OpenClaw refuses a file with both"
        fix = f"First bring the file up to date: {_DOCTOR}"
        yield Conflict(where.location("agents", "list"), "agents.list", effect, fix, Severity.INVALID)
    if "list" not in desired or own_list == desired["list"]:
        return
    version = f"`version: {request.client.version}` in the environment file"
    declare = f"Update OpenClaw to 2026.9 or newer, run {_DOCTOR}, and remove {version}; or remove the client's agents"
    if own_list:
        effect = f"holds agents of your own, which install would have to replace because of {version}"
        yield Conflict(where.location("agents", "list"), "agents.list", effect, declare, Severity.INVALID)
    if config.own_agents:
        effect = f"cannot stand beside agents.list, which install adds because of {version}"
        yield Conflict(where.location("agents", "entries"), "agents.entries", effect, declare, Severity.INVALID)


def _find_allow_lists(request: InstallRequest, config: UserConfig) -> Iterator[Conflict]:
    """Lists in an included file: install edits only openclaw.json."""
    for path, allowed in allow_lists(config):
        missing = [entry for entry in allowed_providers(request) if entry not in allowed]
        if missing and config.settings.get(*path) is None:
            name = ".".join(path)
            effect = "stands in an included file and does not allow the installed models"
            fix = f"Add {', '.join(missing)} to {name} there"
            yield Conflict(config.settings.location(*path), name, effect, fix, Severity.WARNED)


def _find_stored_keys(request: InstallRequest) -> Iterator[Conflict]:
    """A stored key of an installed provider, in any agent's profiles: it is sent in Authorization."""
    providers = request.content(FILE)["models"]["providers"]
    for path in sorted(FOLDER.on(request.machine).glob("agents/*/agent/auth-profiles.json")):
        settings = read_settings(request.machine, path)
        for name, profile in settings.mapping("profiles").items():
            if isinstance(profile, dict) and profile.get("provider") in providers:
                effect = "is a stored key for the installed provider, which OpenClaw would send to Cloudflare"
                yield Conflict(settings.location("profiles", name), name, effect, f"Remove it from {settings.shown}")


def _find_old_folder(request: InstallRequest, config: UserConfig) -> Iterator[Conflict]:
    """OpenClaw takes over the folder of its former name only where it has none yet."""
    if config.settings.path.exists() or request.to is not None:
        return
    for name in _OLD_FOLDERS:
        old = request.machine.home / name
        if old.is_dir() and not config.settings.path.parent.exists():
            shown = request.machine.shown(old)
            effect = f"is OpenClaw's folder by its former name, and a new {config.settings.shown} takes it out of use"
            yield Conflict(shown, name, effect, f"Let OpenClaw move it first: {_DOCTOR}", Severity.REFUSED)
