"""Pulumi's SDK for policies, which no other test needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LOCK = Path(__file__).parent / "policy" / "pulumi-policy.lock"


def install_policy_sdk(folder: Path) -> None:
    """Install it into `folder`, for PYTHONPATH."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--requirement", str(_LOCK), "--target", str(folder)], check=True)
