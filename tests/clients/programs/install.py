"""The real programs, each installed once at its pinned version into .gatewright/clients."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gatewright.project import Project
from gatewright.setup.failures import SetupError
from gatewright.setup.processes import exclusive_lock
from gatewright.setup.venvs import make_venv

from .node import Node, ensure_node
from .tested_program import TestedProgram

_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
_RETRIES = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
_TIMEOUT = 600  # seconds
_UNREACHABLE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT")


class RegistryUnreachableError(Exception):
    """The package registry cannot be reached."""


@dataclass(frozen=True, slots=True)
class Program:
    """An installed program: the start of its command line, and the folder that must be on PATH. `modules` is the
    node_modules of an npm package."""

    command: tuple[Path, ...]
    folder: Path
    modules: Path | None = None


def ensure_program(project: Project, tested: TestedProgram, show: Callable[[str], None]) -> Program:
    """Install the program unless it is installed. Other processes wait. Raises RegistryUnreachableError."""
    folder = project.work / "clients"
    with exclusive_lock(
        folder / f"{tested.client}.only-one", lambda: show(f"waiting for another test's {tested.client}")
    ):
        install = _from_wheels if tested.lock.exists() else _from_npm
        return install(project, tested, show)


def _from_wheels(project: Project, tested: TestedProgram, show: Callable[[str], None]) -> Program:
    """A virtual environment cannot be moved, so a file in it marks it as complete, with the digest of its lock file."""
    name = tested.program.command
    venv = project.work / "clients" / (name if tested.lock.stem == "program" else f"{name}@{tested.version}")
    mark, digest = venv / ".whole", hashlib.sha256(tested.lock.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != digest:
        show(f"installing {name} into .gatewright/clients, once (a minute or two)")
        try:
            make_venv(venv, tested.lock, venv.with_name(f"{venv.name}.log"), lambda _: None)
        except SetupError as error:
            raise _unreachable(name, error) from None
        mark.write_text(digest)
    return Program((venv / "bin" / name,), venv / "bin")


def _unreachable(name: str, error: SetupError) -> Exception:
    return RegistryUnreachableError(f"{name}: {error}") if "cannot be reached" in str(error) else error


def _from_npm(project: Project, tested: TestedProgram, show: Callable[[str], None]) -> Program:
    folder = project.work / "clients" / tested.pin.replace("/", "+")
    try:
        with exclusive_lock(
            project.work / "clients" / "node.only-one", lambda: show("waiting for another test's Node")
        ):
            node = ensure_node(project, show)
    except SetupError as error:
        raise _unreachable("Node", error) from None
    if not folder.is_dir():
        show(f"installing {tested.pin} into .gatewright/clients, once (up to a minute)")
        _install(node, tested.pin, folder)
    return _program(node, folder / "node_modules", tested)


def _install(node: Node, pin: str, folder: Path) -> None:
    """Install into a temporary folder and rename it when complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".installing-", dir=folder.parent))
    try:
        result = subprocess.run(
            [*node.npm, "install", *_QUIET, *_RETRIES, "--prefix", partial, pin],
            cwd=partial,
            env={**os.environ, "PATH": f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        if result.returncode and _UNREACHABLE.search(result.stderr):
            raise RegistryUnreachableError(f"{pin}: {result.stderr.strip().splitlines()[0]}")
        assert result.returncode == 0, result.stderr
        partial.rename(folder)
    except subprocess.TimeoutExpired:
        raise RegistryUnreachableError(f"{pin}: the registry did not send all of it in {_TIMEOUT} s") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _program(node: Node, modules: Path, tested: TestedProgram) -> Program:
    """Packages link a compiled program with an install script, which does not run here."""
    compiled = sorted(modules.glob(tested.executable)) if tested.executable else []
    if compiled:
        return Program((compiled[-1],), compiled[-1].parent, modules)  # -baseline, if it exists, runs on any processor
    script = _script(modules / tested.program.package.split()[0])
    return Program((node.program, script), node.program.parent, modules)


def _script(package: Path) -> Path:
    """The program in the package's description."""
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
    return package / (described if isinstance(described, str) else next(iter(described.values())))
