"""The real programs, each installed once at its pinned version into .gatewright/clients and used from there."""

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

PINS = Path(__file__).with_name("pins.txt")
LOCKS = Path(__file__).with_name("locks")
_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
_PATIENCE = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
_LONGEST = 600  # seconds

COMPILED = {"opencode-ai": "opencode-*/bin/opencode", "@anthropic-ai/claude-code": "@anthropic-ai/claude-code-*/claude"}
_UNREACHABLE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT")


class RegistryUnreachableError(Exception):
    """The package registry cannot be reached from here."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program: `command` is what a command line begins with, `folder` what must be on PATH for it."""

    command: tuple[Path, ...]
    folder: Path


def pinned(name: str) -> str:
    """The pin of a program: `openclaw` -> openclaw@2026.9.6."""
    (pin,) = (line for line in PINS.read_text().splitlines() if line.rpartition("@")[0] == name)
    return pin


def ensure_program(project: Project, name: str, show: Callable[[str], None]) -> Program:
    """The program `name`, from its lock file or the npm package of that name, installed if need be: by one process,
    for which the others wait.

    Raises RegistryUnreachableError.
    """
    lock, folder = LOCKS / f"{name}.lock", project.work / "clients"
    with exclusive_lock(
        folder / f"{name.replace('/', '+')}.only-one", lambda: show(f"waiting for another test's {name}")
    ):
        return _from_wheels(project, lock, show) if lock.exists() else _from_npm(project, name, show)


def _from_wheels(project: Project, lock: Path, show: Callable[[str], None]) -> Program:
    """A virtual environment is tied to its place: a mark in it says when it is whole, and by which lock file."""
    venv = project.work / "clients" / lock.stem
    mark, digest = venv / ".whole", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != digest:
        show(f"installing {lock.stem} into .gatewright/clients, once (a minute or two)")
        try:
            make_venv(venv, lock, project.work / "clients" / f"{lock.stem}.log", lambda _: None)
        except SetupError as error:
            raise _unreachable(lock.stem, error) from None
        mark.write_text(digest)
    return Program((venv / "bin" / lock.stem,), venv / "bin")


def _unreachable(name: str, error: SetupError) -> Exception:
    return RegistryUnreachableError(f"{name}: {error}") if "cannot be reached" in str(error) else error


def _from_npm(project: Project, name: str, show: Callable[[str], None]) -> Program:
    pin = pinned(name)
    folder = project.work / "clients" / pin.replace("/", "+")
    try:
        with exclusive_lock(
            project.work / "clients" / "node.only-one", lambda: show("waiting for another test's Node")
        ):
            node = ensure_node(project, show)
    except SetupError as error:
        raise _unreachable("Node", error) from None
    if not folder.is_dir():
        show(f"installing {pin} into .gatewright/clients, once (up to a minute)")
        _install(node, pin, folder)
    return _program(node, folder / "node_modules", name)


def _install(node: Node, pin: str, folder: Path) -> None:
    """Into a folder beside, renamed when whole: an install that is cut off leaves nothing that looks like one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".installing-", dir=folder.parent))
    try:
        result = subprocess.run(
            [*node.npm, "install", *_QUIET, *_PATIENCE, "--prefix", partial, pin],
            cwd=partial,
            env={**os.environ, "PATH": f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        if result.returncode and _UNREACHABLE.search(result.stderr):
            raise RegistryUnreachableError(f"{pin}: {result.stderr.strip().splitlines()[0]}")
        assert result.returncode == 0, result.stderr
        partial.rename(folder)
    except subprocess.TimeoutExpired:
        raise RegistryUnreachableError(f"{pin}: the registry did not send all of it in {_LONGEST} s") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _program(node: Node, modules: Path, name: str) -> Program:
    """Packages of compiled programs link theirs after the install, which no script is let do here."""
    compiled = sorted(modules.glob(COMPILED[name])) if name in COMPILED else []
    if compiled:
        return Program((compiled[-1],), compiled[-1].parent)  # -baseline, where there is one, runs on any processor
    return Program((node.program, _script(modules / name)), node.program.parent)


def _script(package: Path) -> Path:
    """What the package's own description calls its program."""
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
    return package / (described if isinstance(described, str) else next(iter(described.values())))
