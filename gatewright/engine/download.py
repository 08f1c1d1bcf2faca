"""The official download of the engine, as the Automation API does it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from gatewright.engine.find import remember_origin
from gatewright.engine.versions import MINIMUM, shown
from gatewright.project import Project

SILENT_SECONDS = 10
"""How long the server may say nothing before it counts as out of reach."""
TOTAL_SECONDS = 900

_PROGRAM = """
import socket, sys
socket.setdefaulttimeout(float(sys.argv[3]))
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""
"""Run apart: the import is slow, and the installer takes no time-out."""


def download(project: Project) -> bool:
    """Whether the official engine could be fetched; it is then at `project.engine_bin`."""
    root = project.engine_bin.parent / "download"
    temporary = root / "tmp"
    shutil.rmtree(root, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        if not _install(root, temporary):
            return False
        shutil.rmtree(project.engine_bin, ignore_errors=True)
        (root / "bin").replace(project.engine_bin)
        remember_origin(project, "downloaded")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return True


def _install(root: Path, temporary: Path) -> bool:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM, root, shown(MINIMUM), str(SILENT_SECONDS)],
        cwd=root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(TOTAL_SECONDS) == 0 and (root / "bin" / "pulumi").is_file()
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            # the installer is a shell that starts others
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
