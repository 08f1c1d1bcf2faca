"""The programs that the engine starts: our language host, our plugin, and the Cloudflare plugin of local stacks."""

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
GATEWRIGHT_PLUGIN = "pulumi-resource-gatewright"


def plugin_folder(home: Path) -> Path:
    """The folder of the Cloudflare plugin below this PULUMI_HOME, for the version of the installed SDK."""
    return home / "plugins" / f"resource-cloudflare-v{version('pulumi-cloudflare')}"


def user_pulumi_home(project: Project) -> Path:
    """The user's PULUMI_HOME: the shell's, unless the shell has the one of the local stack."""
    chosen = os.environ.get("PULUMI_HOME")
    return Path(chosen) if chosen and Path(chosen) != project.pulumi_home else _default_pulumi_home()


def official_plugin(project: Project) -> Path | None:
    """The official Cloudflare plugin, if the user has it in the version used here."""
    found = plugin_folder(user_pulumi_home(project)) / PLUGIN
    return found if is_official(found) else None


def _default_pulumi_home() -> Path:
    # the engine reads the user database, not $HOME, which containers change
    return Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pulumi"


def is_official(plugin: Path) -> bool:
    """Whether `plugin` is a binary, not a launcher script."""
    try:
        with plugin.open("rb") as file:
            return file.read(2) != b"#!"
    except OSError:
        return False


def place_language_host(folder: Path) -> None:
    """Put our Python language host into the engine's folder, unless the official one is there."""
    if not is_official(folder / LANGUAGE_HOST):
        write_launcher(folder / LANGUAGE_HOST, LANGUAGE_HOST_MODULE)


def place_gatewright_plugin(project: Project) -> None:
    """Put a launcher of the plugin `gatewright` into the project's folder of programs, where the engine finds it."""
    project.bin.mkdir(parents=True, exist_ok=True)
    write_launcher(project.bin / GATEWRIGHT_PLUGIN, "gatewright.provider")


def place_cloudflare_plugin(project: Project) -> None:
    """Put the user's official plugin, or the stand-in, into the local PULUMI_HOME."""
    place = plugin_folder(project.pulumi_home) / PLUGIN
    place.parent.mkdir(parents=True, exist_ok=True)
    official = official_plugin(project)
    if official is None:
        write_launcher(place, PLUGIN_MODULE)
    elif not (place.is_symlink() and place.readlink() == official):
        # a link to the file, since the engine ignores links to folders
        link = Path(tempfile.mkdtemp(dir=place.parent)) / PLUGIN
        link.symlink_to(official)
        link.replace(place)
        link.parent.rmdir()


def write_launcher(path: Path, module: str) -> None:
    """Write a program to `path` that runs `module` with this Python, unless it is there already."""
    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m {module} "$@"\n'
    if not path.is_symlink() and path.is_file() and os.access(path, os.X_OK) and path.read_text() == text:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).chmod(0o755)
    Path(temporary).replace(path)
