"""The user's openclaw.json with the files that it includes.

One file or several are merged in order, up to ten levels deep, and the keys beside `$include` override them.
Source: docs/gateway/configuration/common-tasks.md of 2026.9.6.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import SettingsData, UserSettings, read_settings
from gatewright.clients.openclaw import FOLDER
from gatewright.frozen import frozen

FILE = "openclaw.json"
_INCLUDE = "$include"
_MAX_DEPTH = 10
_REFERENCE = re.compile(r"""["']?\$include["']?\s*:\s*(\[[^\]]*\]|"[^"\n]*"|'[^'\n]*')""")
_QUOTED = re.compile(r""""([^"\n]+)"|'([^'\n]+)'""")


@frozen
class UserConfig(SettingsData):
    """The content with all includes; `settings` is the file itself."""

    settings: UserSettings

    @property
    def own_agents(self) -> dict[str, Any]:
        """The agents in `agents.entries`."""
        return self.mapping("agents", "entries")


def config_path(request: InstallRequest) -> Path:
    """The file that OpenClaw reads."""
    machine = request.machine
    return request.to or machine.place("OPENCLAW_CONFIG_PATH", FOLDER.on(machine) / FILE)


def read_user_config(request: InstallRequest) -> UserConfig:
    """The user's configuration; empty if there is none."""
    settings = read_settings(request.machine, config_path(request))
    return UserConfig(_resolve(settings.data, settings.path, request.machine, 0), settings)


def included_files(text: str) -> list[str]:
    """The paths that a text includes, as they are written."""
    return [
        double or single for reference in _REFERENCE.finditer(text) for double, single in _QUOTED.findall(reference[1])
    ]


def _resolve(value: Any, path: Path, machine: Machine, depth: int) -> Any:
    if isinstance(value, list):
        return [_resolve(item, path, machine, depth) for item in value]
    if not isinstance(value, dict):
        return value
    own = {key: _resolve(entry, path, machine, depth) for key, entry in value.items() if key != _INCLUDE}
    if _INCLUDE not in value or depth >= _MAX_DEPTH:
        return own
    names = value[_INCLUDE] if isinstance(value[_INCLUDE], list) else [value[_INCLUDE]]
    merged: Any = {}
    for name in names:
        if isinstance(name, str):
            included = path.parent / name
            merged = _merge(merged, _resolve(read_settings(machine, included).data, included, machine, depth + 1))
    return _merge(merged, own) if own else merged


def _merge(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _merge(below[key], value) if key in below else value for key, value in above.items()}
