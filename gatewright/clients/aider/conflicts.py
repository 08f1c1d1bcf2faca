"""What beats the installed settings in Aider: keys in its other settings files and in .env, which override the shell.

Source: aider/main.py and aider/args.py of 0.86.2: .aider.conf.yml and .env of the home, the repository and the folder
are read beside the file of --config, and .env overrides the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.aider.installation import CONFIG
from gatewright.clients.common.conflicts import Conflict, Severity, find_keys, find_variables
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import UserSettings, read_settings

_KEY = "beats the key that gatewright provides, so Aider would send it to Cloudflare"
_BASE = "beats the gateway's address, and the gateway's token would be sent there"
_MODEL = "beats the installed model"
_SENT = {"OPENAI_API_KEY": _KEY, "AIDER_OPENAI_API_KEY": _KEY, "AIDER_OPENAI_API_BASE": _BASE}
_MODELS = {"AIDER_MODEL": _MODEL, "AIDER_WEAK_MODEL": _MODEL, "AIDER_EDITOR_MODEL": _MODEL}
_OTHER_MODELS = ("weak-model", "editor-model")
_ASSIGNMENTS = {"api-key": ("openai=", _KEY), "set-env": ("OPENAI_API_", _KEY)}


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    machine = request.machine
    for folder in _folders(machine):
        yield from _find_in_config(request, read_settings(machine, folder / CONFIG))
        yield from _find_in_dotenv(machine, read_settings(machine, folder / ".env"))
    yield from _find_in_dotenv(machine, read_settings(machine, machine.home / ".aider" / "oauth-keys.env"))
    shell = {name: effect for name, effect in {**_SENT, **_MODELS}.items() if name != "OPENAI_API_KEY"}
    yield from find_variables(machine, shell)


def _folders(machine: Machine) -> list[Path]:
    """The home, the repository and the working directory."""
    return list(dict.fromkeys([machine.home, machine.repository or machine.folder, machine.folder]))


def _find_in_config(request: InstallRequest, settings: UserSettings) -> Iterator[Conflict]:
    yield from find_keys(settings, {"openai-api-key": _KEY})
    for key, (start, effect) in _ASSIGNMENTS.items():
        value = settings.get(key)
        values = value if isinstance(value, list) else [value]
        if any(str(item).startswith(start) for item in values):
            yield from find_keys(settings, {key: effect})
    installed = request.content(CONFIG)
    others = {key: "is another model than those installed" for key in _OTHER_MODELS if key not in installed}
    yield from find_keys(settings, others, severity=Severity.NOTED)


def _find_in_dotenv(machine: Machine, settings: UserSettings) -> Iterator[Conflict]:
    """A value that this shell has too is the one that gatewright provides."""
    known = set(machine.variables.values())
    effects = {name: effect for name, effect in _SENT.items() if settings.get(name) not in known}
    yield from find_keys(settings, effects)
    yield from find_keys(settings, _MODELS, severity=Severity.WARNED)
