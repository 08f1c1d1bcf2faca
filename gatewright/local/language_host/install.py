"""`pulumi install`: create the virtual environment of a project and install its packages."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from gatewright.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.local.language_host.toolchain import Toolchain


def install_dependencies(toolchain: Toolchain, folder: Path) -> Iterator[bytes]:
    """Create the virtual environment where it is missing, install the packages of `folder`, and yield the output.

    The packages are those of requirements.txt, otherwise the package that pyproject.toml describes. Raises EngineError
    when a step fails.
    """
    yield b"Installing dependencies...\n\n"
    if toolchain.virtualenv is not None and not toolchain.exists:
        yield from _step([sys.executable, "-m", "venv", str(toolchain.virtualenv)], toolchain, folder)
    pip = [toolchain.python, "-m", "pip", "--disable-pip-version-check", "install"]
    if (folder / "requirements.txt").is_file():
        yield from _step([*pip, "-r", "requirements.txt"], toolchain, folder)
    elif (folder / "pyproject.toml").is_file():
        yield from _step([*pip, "-e", "."], toolchain, folder)
    yield b"Finished installing dependencies\n\n"


def _step(command: list[str], toolchain: Toolchain, folder: Path) -> Iterator[bytes]:
    """Run `command` in `folder`, from which pip resolves relative paths in requirements.txt."""
    step = subprocess.Popen(
        command,
        cwd=folder,
        env=toolchain.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    with step:
        if step.stdout is not None:
            yield from step.stdout
    if step.returncode != 0:
        raise EngineError(f"`{' '.join(command)}` failed with exit code {step.returncode}", "its output has the reason")
