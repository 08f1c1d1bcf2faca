"""The program itself: whether it is installed, and whether the files fit its version."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from gatewright.clients.common.program import Program
from gatewright.engine.doctor import Finding
from gatewright.environment.capabilities import version_tuple
from gatewright.environment.resolved import Client
from gatewright.install import Machine

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_TIMEOUT = 60.0  # seconds until it prints its version; LiteLLM needs seven


def check_program(client: Client, program: Program | None, machine: Machine) -> Iterator[Finding]:
    """One finding; none for a format, which any program may read."""
    if program is None:
        return
    title = client.capabilities.title
    path = shutil.which(program.command, path=machine.variables.get("PATH"))
    if path is None:
        fix = f"Install {program.package}; if it runs on another machine, run doctor there"
        yield Finding(title, f"{program.command} is not on PATH", fix, needed=False)
        return
    version = _read_version(path, program, machine)
    if version is None:
        yield Finding(title, f"{path} prints no version", f"Check that it runs: {program.command} --version")
    else:
        yield _check_version(client, version, path)


def _read_version(path: str, program: Program, machine: Machine) -> str | None:
    try:
        result = subprocess.run(
            [path, *program.version],
            env=dict(machine.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = _VERSION.search(result.stdout) or _VERSION.search(result.stderr)
    return version[0] if version and not result.returncode else None


def _check_version(client: Client, version: str, path: str) -> Finding:
    """The files are for the version that the client declares, otherwise for the oldest that reads them."""
    capabilities = client.capabilities
    required, oldest, tested = client.version or capabilities.oldest, capabilities.oldest, capabilities.checked
    if required and version_tuple(version) < version_tuple(required):
        message = f"{version}, {path}: the emitted files need {required} or newer"
        declare = f", or declare its version: clients: {{{client.program}: {{version: '{version}'}}}}"
        is_supported = not oldest or version_tuple(version) >= version_tuple(oldest)
        return Finding(capabilities.title, message, f"Update it{declare if is_supported else ''}")
    is_newer = tested and version_tuple(version) > version_tuple(tested)
    return Finding(
        capabilities.title, f"{version}, {path}" + (f"; the files were tested with {tested}" if is_newer else "")
    )
