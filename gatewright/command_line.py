"""gatewright's own commands as messages print them: as the user can run them."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "gatewright"


def command(arguments: str) -> str:
    """A command line for the user's shell: `gatewright up prod`, or `.venv/bin/gatewright up prod` in a clone.

    `arguments` are part of a shell command, and so quoted where they need it.
    """
    return f"{program()} {arguments}"


def program() -> str:
    """The name of this installation's program where PATH finds it, its path otherwise.

    The path is relative to the working directory within the project that the virtual environment belongs to.
    """
    own = Path(sys.executable).with_name(NAME)
    if not own.is_file():
        return NAME
    found = shutil.which(NAME)
    if found and Path(found).resolve() == own.resolve():
        return NAME
    here, project = Path.cwd(), own.parents[2]  # <project>/.venv/bin/gatewright
    return shlex.quote(os.path.relpath(own, here) if here.is_relative_to(project) else str(own))
