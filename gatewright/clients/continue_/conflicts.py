"""What a new config.yaml takes out of use in Continue: config.json is read only where there is no config.yaml.

Source: docs.continue.dev/reference/yaml-migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.conflicts import Conflict
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.continue_.installation import config_path

_OLD = "config.json"


def conflicts(request: InstallRequest) -> Iterator[Conflict]:
    """Yield the conflicts."""
    path = config_path(request)
    old = path.with_name(_OLD)
    if path.exists() or not old.is_file():
        return
    shown = request.machine.shown(path)
    effect = f"is your configuration now, and a new {shown} takes it out of use"
    fix = f"Move its settings to {shown} first"
    yield Conflict(request.machine.shown(old), _OLD, effect, fix)
