"""Goose reads providers from files that gatewright owns, and the default from the user's config.yaml."""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.installation import DesiredContent, Installation, InstallRequest, Target
from gatewright.clients.goose.files import CONFIG, PROVIDERS
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import Format

FORMAT = Format("yaml", ("extensions",), "name")


def installation(request: InstallRequest) -> Installation:
    """The files of the providers, and config.yaml if the client has a primary."""
    folder = request.folder("XDG_CONFIG_HOME", request.machine.home / ".config") / "goose"
    owned = (file for file in request.files if file.name != CONFIG)
    targets = [Target.whole(folder / PROVIDERS / file.name, file.text, fixed=True) for file in owned]
    if len(targets) < len(request.files):
        choices: dict[KeyPath, Any] = {(name,): value for name, value in request.content(CONFIG).items()}
        content = DesiredContent(choices=choices, default_models=frozenset(choices))
        targets.append(Target(folder / CONFIG, FORMAT, content, fixed=True))
    return Installation(targets=tuple(targets), reload="restart goose")
