"""Versions of programs, parsed from their own output."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from gatewright.facts.engine_version import MINIMUM_ENGINE

Version = tuple[int, int, int]

MINIMUM: Version = MINIMUM_ENGINE

NEXT_MAJOR: Version = (4, 0, 0)


def parse_version(text: str) -> Version | None:
    """The first version in `text`, such as "v3.259.0-dev" or "go version go1.27 linux/amd64"; None without one."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def format_version(version: Version) -> str:
    """Format like 3.259.0."""
    return ".".join(map(str, version))


def is_usable(version: Version | None) -> bool:
    """Whether an engine of this version can be used."""
    return version is not None and MINIMUM <= version < NEXT_MAJOR


def reported_version(program: Path, *arguments: str) -> Version | None:
    """The version that `program` prints; None when it does not run or prints none."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"}
    try:
        result = subprocess.run(
            [program, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(result.stdout)
