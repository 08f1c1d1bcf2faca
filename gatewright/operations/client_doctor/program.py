"""The program itself: whether it is there, and whether the files are for its version."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from gatewright.engine.doctor import Finding
from gatewright.environment.capabilities import version_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.common.program import Program
    from gatewright.environment.resolved import Client
    from gatewright.install import Machine

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_PATIENCE = 60.0  # seconds until it has said its version; LiteLLM takes seven


def program(client: Client, known: Program | None, machine: Machine) -> Iterator[Finding]:
    """One line; none for a format, which any program may read."""
    title = client.capabilities.title
    if known is None:
        return
    path = shutil.which(known.command, path=machine.variables.get("PATH"))
    if path is None:
        hint = f"Install {known.package}; where it runs elsewhere, ask there"
        yield Finding(title, f"no {known.command} on PATH", hint, needed=False)
        return
    version = _version(path, known, machine)
    if version is None:
        yield Finding(title, f"{path} does not say its version", f"Does it run? {known.command} --version")
    else:
        yield _fit(client, version, path)


def _version(path: str, known: Program, machine: Machine) -> str | None:
    try:
        said = subprocess.run(
            [path, *known.version],
            env=dict(machine.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(said.stdout) or _VERSION.search(said.stderr)
    return found[0] if found and not said.returncode else None


def _fit(client: Client, version: str, path: str) -> Finding:
    """The files are those of the version that the client declares, else of the oldest that takes them."""
    capabilities = client.capabilities
    least = client.version or capabilities.oldest
    if least and version_tuple(version) < version_tuple(least):
        said = f"{version}, {path}: its files are for {least} and newer"
        declared = f", or declare it: clients: {{{client.program}: {{version: '{version}'}}}}"
        is_supported = not capabilities.oldest or version_tuple(version) >= version_tuple(capabilities.oldest)
        return Finding(capabilities.title, said, f"Update it{declared if is_supported else ''}")
    beyond = capabilities.checked and version_tuple(version) > version_tuple(capabilities.checked)
    return Finding(
        capabilities.title,
        f"{version}, {path}" + (f"; its files were run with {capabilities.checked}" if beyond else ""),
    )
