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

    The path is relative to the working directory within the project that has the virtual environment.
    """
    own = program_path()
    if not own.is_absolute():
        return NAME
    found = shutil.which(NAME)
    if found and Path(found).samefile(own):
        return NAME
    here = Path.cwd()
    for folder in (here, *here.parents):
        candidate = folder.joinpath(*own.parts[-3:])  # .venv/bin/gatewright
        if candidate.is_file() and candidate.samefile(own):
            return shlex.quote(os.path.relpath(candidate, here))
    return shlex.quote(str(own))


def program_path() -> Path:
    """The path of this installation's program, for files that name it; its name alone where it has no such file."""
    own = Path(sys.executable).with_name(NAME)
    return own if own.is_file() else Path(NAME)
