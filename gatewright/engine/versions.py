"""Versions of programs, parsed from their own output."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path

from gatewright.facts.engine_version import MINIMUM_ENGINE
from gatewright.io.private import replace_private
from gatewright.io.untrusted import parse_json, read_regular_file

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


def known_version(engine: Path, cache: Path) -> Version | None:
    """The version of `engine`, kept in the file `cache` until the program changes: to ask takes a tenth of a preview.

    A script, such as a version manager's, is asked each time, because it can start another engine each time.
    """
    identity = _identity(engine)
    if identity is None:
        return reported_version(engine, "version")
    versions = _read_versions(cache)
    version = parse_version(versions.get(identity, ""))
    if version is None and (version := reported_version(engine, "version")):
        with suppress(OSError):  # a folder that is missing, or cannot be written
            replace_private(cache, json.dumps(versions | {identity: format_version(version)}).encode())
    return version


def _identity(program: Path) -> str | None:
    """The path, size and time of a binary; None for a script, a link to another program, or a missing file."""
    try:
        target = program.resolve(strict=True)
        with target.open("rb") as file:
            is_binary = file.read(2) != b"#!" and target.name == program.name
            status = os.fstat(file.fileno())
    except OSError:
        return None
    return f"{target} {status.st_size} {status.st_mtime_ns}" if is_binary else None


def _read_versions(cache: Path) -> dict[str, str]:
    """The versions by `_identity`; none if the file is missing, or of another version."""
    try:
        versions = parse_json(read_regular_file(cache))
    except (OSError, ValueError):
        return {}
    return versions if isinstance(versions, dict) and all(isinstance(each, str) for each in versions.values()) else {}
