"""The versions that work together: the package, its plugin, the SDK of the Cloudflare plugin, and the engine."""

from __future__ import annotations

import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from gatewright import __version__
from gatewright.engine.find import find_engine
from gatewright.engine.launchers import GATEWRIGHT_PLUGIN
from gatewright.engine.versions import format_version, parse_version
from gatewright.errors import UsageError
from gatewright.project import Project

_PRINT = "from gatewright import __version__; print(__version__)"


def installed_versions() -> dict[str, str | None]:
    """The versions by program, for the project of the working directory; None for a program that is not there."""
    try:
        project = Project.find()
    except UsageError:
        project = Project(Path.cwd())  # only an engine on PATH counts
    engine = find_engine(project)
    return {
        "gatewright": __version__,
        "pulumi-resource-gatewright": plugin_version(project),
        "pulumi-resource-cloudflare": version("pulumi-cloudflare"),
        "pulumi": format_version(engine.version) if engine else None,
    }


def is_newer(other: str) -> bool:
    """Whether version `other` of gatewright is newer than this package."""
    parsed, own = parse_version(other), parse_version(__version__)
    return parsed is not None and own is not None and parsed > own


def install_command(other: str) -> str:
    """The command that installs version `other`."""
    return f"{shlex.quote(sys.executable)} -m pip install 'gatewright=={other}'"


def plugin_version(project: Project) -> str | None:
    """The version of the plugin `gatewright` that the engine starts in this project.

    It is this package's, unless the project's launcher starts another Python. None if that Python does not run.
    """
    launcher = project.bin / GATEWRIGHT_PLUGIN
    if project.is_checkout or not launcher.is_file():
        return __version__
    python = shlex.split(launcher.read_text(encoding="utf-8").partition("\nexec ")[2])[0]
    if python == sys.executable:
        return __version__
    try:
        output = subprocess.check_output(
            [python, "-P", "-c", _PRINT], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return output.strip()
