"""The real programs, each installed once at its pinned version into .gatewright/clients and used from there."""

from __future__ import annotations

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

from .node import Node, ensure_node

PINS = Path(__file__).with_name("pins.txt")
_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
_PATIENCE = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
_LONGEST = 600  # seconds
_UNREACHABLE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT")


class RegistryUnreachableError(Exception):
    """The package registry cannot be reached from here."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program and the Node that runs it: `command` is what a command line begins with."""

    node: Node
    script: Path

    @property
    def command(self) -> tuple[Path, ...]:
        return (self.node.program, self.script)


def pinned(name: str) -> str:
    """The pin of a program: `openclaw` -> openclaw@2026.9.6."""
    (pin,) = (line for line in PINS.read_text().splitlines() if line.rpartition("@")[0] == name)
    return pin


def ensure_program(project: Project, name: str, show: Callable[[str], None]) -> Program:
    """The program of the package `name`, installed if need be. Raises RegistryUnreachableError."""
    pin = pinned(name)
    folder = project.work / "clients" / pin.replace("/", "+")
    try:
        node = ensure_node(project, show)
    except SetupError as error:
        if "cannot be reached" in str(error):
            raise RegistryUnreachableError(f"Node: {error}") from None
        raise
    if not folder.is_dir():
        show(f"installing {pin} into .gatewright/clients, once (up to a minute)")
        _install(node, pin, folder)
    return Program(node, _script(folder / "node_modules" / name))


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


def _script(package: Path) -> Path:
    """What the package's own description calls its program."""
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
    return package / (described if isinstance(described, str) else next(iter(described.values())))
