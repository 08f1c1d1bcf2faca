"""The passphrase of the local stack: random, created once, readable by its owner only."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from gatewright.engine.find import start_over
from gatewright.errors import EngineError
from gatewright.io.private import private_folder
from gatewright.io.system import OPEN_FOLDER, sync
from gatewright.project import Project


def passphrase_file(project: Project) -> Path:
    """The passphrase file, created or not."""
    return project.work / "passphrase"


def ensure_passphrase(project: Project) -> Path:
    """The passphrase file, created if missing; safe in concurrent runs. Raises EngineError when it is empty."""
    path = passphrase_file(project)
    if not path.exists():
        _create(path)
    if not path.read_text().strip():
        raise EngineError(
            f"{project.shown(path)} is empty, so the secrets of the local stack cannot be decrypted",
            f"restore it from a copy, or start over: {start_over(project)}",
        )
    return path


def _create(path: Path) -> None:
    private_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            sync(file.fileno())
        try:
            os.link(temporary, path)  # unlike a rename this does not replace the file of another run
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    folder = os.open(path.parent, OPEN_FOLDER)
    try:
        sync(folder)
    finally:
        os.close(folder)
