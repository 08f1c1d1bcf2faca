"""The passphrase of the local stack: random, created once, readable by its owner only."""

from __future__ import annotations

import secrets
from pathlib import Path

from gatewright.engine.find import start_over
from gatewright.errors import EngineError
from gatewright.io.private import create_private, private_folder
from gatewright.project import Project


def passphrase_file(project: Project) -> Path:
    """The passphrase file, created or not."""
    return project.work / "passphrase"


def ensure_passphrase(project: Project) -> Path:
    """The passphrase file, created if missing; safe in concurrent runs. Raises EngineError when it is empty."""
    path = passphrase_file(project)
    if not path.exists():
        private_folder(path.parent)
        create_private(path, f"{secrets.token_urlsafe(32)}\n".encode())
    if not path.read_text().strip():
        raise EngineError(
            f"{project.shown(path)} is empty, so the secrets of the local stack cannot be decrypted",
            f"restore it from a copy, or start over: {start_over(project)}",
        )
    return path
