"""The official download of the engine, as the Automation API does it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from gatewright.engine.find import write_origin
from gatewright.engine.versions import MINIMUM, format_version
from gatewright.project import Project

SILENT_SECONDS = 10
"""How long the server may stay silent before it counts as unreachable."""
TOTAL_SECONDS = 900

_PROGRAM = """
import socket, sys
socket.setdefaulttimeout(float(sys.argv[3]))
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""
"""Runs as a process of its own: the import is slow, and the installer accepts no timeout."""


def download(project: Project) -> bool:
    """Download the official engine into `project.engine_bin`; whether that succeeded."""
    root = project.engine_bin.parent / "download"
    temporary = root / "tmp"
    shutil.rmtree(root, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        if not _install(root, temporary):
            return False
        shutil.rmtree(project.engine_bin, ignore_errors=True)
        (root / "bin").replace(project.engine_bin)
        write_origin(project, "downloaded")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return True


def _install(root: Path, temporary: Path) -> bool:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM, root, format_version(MINIMUM), str(SILENT_SECONDS)],
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
