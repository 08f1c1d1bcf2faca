"""The passphrase of the local stack: random, made once, readable by its owner only."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from gatewright.errors import EngineError
from gatewright.project import Project


def passphrase_file(project: Project) -> Path:
    """Where it is, made or not."""
    return project.work / "passphrase"


def ensure_passphrase(project: Project) -> Path:
    """The file, made if need be: two runs at once end up with one and the same. Raises EngineError when it is empty."""
    path = passphrase_file(project)
    if not path.exists():
        _make(path)
    if not path.read_text().strip():
        raise EngineError(
            f"{project.shown(path)} is empty: what it encrypted in the local stack cannot be read any more",
            "put it back from a copy, or begin anew: make clean, then make up",
        )
    return path


def _make(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # unlike a rename it never replaces what another run has made
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
