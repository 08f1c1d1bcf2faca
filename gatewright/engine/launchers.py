"""What stands beside the engine: our language host, and the Cloudflare plugin in the local PULUMI_HOME."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from gatewright.engine.find import LANGUAGE_HOST
from gatewright.project import Project

PLUGIN = "pulumi-resource-cloudflare"
LANGUAGE_HOST_MODULE = "gatewright.local.language_host"
PLUGIN_MODULE = "gatewright.local.cloudflare_plugin"


def plugin_folder(home: Path) -> Path:
    """Where an engine with this PULUMI_HOME looks for the Cloudflare plugin, in the version of the installed SDK."""
    return home / "plugins" / f"resource-cloudflare-v{version('pulumi-cloudflare')}"


def users_pulumi_home(project: Project) -> Path:
    """The user's PULUMI_HOME: the one of the shell, unless that shell was given the local stack's."""
    chosen = os.environ.get("PULUMI_HOME")
    return Path(chosen) if chosen and Path(chosen) != project.pulumi_home else _default_pulumi_home()


def official_plugin(project: Project) -> Path | None:
    """The official Cloudflare plugin, where the user has it in the version used here."""
    found = plugin_folder(users_pulumi_home(project)) / PLUGIN
    return found if is_official(found) else None


def _default_pulumi_home() -> Path:
    # the engine asks the user database, not $HOME, which containers set to something else
    return Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pulumi"


def is_official(plugin: Path) -> bool:
    """Whether `plugin` is a program of its own, not a launcher."""
    try:
        with plugin.open("rb") as file:
            return file.read(2) != b"#!"
    except OSError:
        return False


def place_language_host(folder: Path) -> None:
    """Our Python language host into the engine's folder, unless the official one is there."""
    if not is_official(folder / LANGUAGE_HOST):
        write_launcher(folder / LANGUAGE_HOST, LANGUAGE_HOST_MODULE)


def place_cloudflare_plugin(project: Project) -> None:
    """The official plugin into the local PULUMI_HOME where the user has it, else the stand-in."""
    place = plugin_folder(project.pulumi_home) / PLUGIN
    place.parent.mkdir(parents=True, exist_ok=True)
    official = official_plugin(project)
    if official is None:
        write_launcher(place, PLUGIN_MODULE)
    elif not (place.is_symlink() and place.readlink() == official):
        # a link to the file: the engine passes over links to folders
        link = Path(tempfile.mkdtemp(dir=place.parent)) / PLUGIN
        link.symlink_to(official)
        link.replace(place)
        link.parent.rmdir()


def write_launcher(path: Path, module: str) -> None:
    """A program at `path` that runs `module` with this Python; left alone when it does already."""
    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m {module} "$@"\n'
    if not path.is_symlink() and path.is_file() and os.access(path, os.X_OK) and path.read_text() == text:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).chmod(0o755)
    Path(temporary).replace(path)
