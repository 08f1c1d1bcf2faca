"""git, as a program."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from pathlib import Path


def run_git(folder: Path, *arguments: str, needed_by: str, may_fail: bool = False) -> bytes:
    """The output of a git command in `folder`; with `may_fail`, nothing where it fails.

    Raises GatewrightError: git is missing, which the option `needed_by` needs, or it failed.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise GatewrightError(f"git is not on PATH, and {needed_by} needs it", "Install git") from None
    if done.returncode and not may_fail:
        raise GatewrightError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return b"" if done.returncode else done.stdout
