"""`gatewright doctor`: what is found, what is missing, and the line that mends it."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatewright.engine import toolchain
from gatewright.engine.ensure import described
from gatewright.engine.find import Engine, find
from gatewright.engine.launchers import PLUGIN, is_official, official_plugin, plugin_folder, users_pulumi_home
from gatewright.engine.passphrase import passphrase_file
from gatewright.engine.state import faults, folder_of
from gatewright.engine.variables import ENTER, state_folder
from gatewright.engine.versions import MINIMUM, said_by, shown
from gatewright.errors import LocalCloudflareError
from gatewright.project import Project
from gatewright.setup.main import Setup
from gatewright.setup.venvs import pinned

INSTALL = "gatewright engine install"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. Without `mend` all is well; `needed` says whether the rest works without it."""

    name: str
    found: str
    mend: str | None = None
    needed: bool = True

    @property
    def is_fault(self) -> bool:
        """Whether something that is needed is missing or broken."""
        return self.needed and self.mend is not None


def examine(project: Project) -> Iterator[Finding]:
    """Everything in the order in which it is needed. Changes nothing."""
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}")
    yield _environment(project)
    engine = find(project)
    yield _engine(engine)
    yield _language_host(engine)
    yield _local_plugin(project)
    yield _official_plugin(project)
    yield _own_plugin(project)
    yield _passphrase(project)
    yield from _states(project)
    yield _local_cloudflare(project)
    yield _go(project, engine)
    yield _node()


def _environment(project: Project) -> Finding:
    setup = Setup(project.root)
    if not setup.lock.is_file():
        return Finding("virtual environment", f"{setup.lock.name} is gone", f"git checkout {setup.lock.name}")
    if setup.found() != setup.wanted():
        return Finding("virtual environment", "not the one of requirements.lock", "make setup")
    return Finding("virtual environment", f"{pinned(setup.lock)} packages, as in requirements.lock")


def _engine(engine: Engine | None) -> Finding:
    if engine is None:
        return Finding("engine", f"no pulumi {shown(MINIMUM)} or newer", INSTALL)
    return Finding("engine", f"{described(engine)}, {engine.path}")


def _language_host(engine: Engine | None) -> Finding:
    host = engine.host if engine else None
    if host is None:
        return Finding("language host", "none for Python", INSTALL)
    return Finding("language host", f"{'official' if is_official(host) else 'of this project'}, {host}")


def _local_plugin(project: Project) -> Finding:
    place = plugin_folder(project.pulumi_home) / PLUGIN
    if not os.access(place, os.X_OK):
        return Finding("cloudflare plugin", "none for the local stack", INSTALL)
    kind = "official" if is_official(place) else "stand-in, for the local Cloudflare only"
    return Finding("cloudflare plugin", f"{kind}, {project.shown(place)}")


def _official_plugin(project: Project) -> Finding:
    found = official_plugin(project)
    if found:
        return Finding("  for real accounts", f"official, {found}")
    folder = plugin_folder(users_pulumi_home(project))
    get = f"pulumi plugin install resource cloudflare {folder.name.partition('-v')[2]}"
    return Finding("  for real accounts", f"none in {folder}", get, needed=False)


def _own_plugin(project: Project) -> Finding:
    program = project.root / "gatewright" / "provider" / "pulumi-resource-gatewright"
    shown_path = project.shown(program)
    if not os.access(program, os.X_OK):
        return Finding("gatewright plugin", f"{shown_path} is no program", f"git checkout {shown_path}")
    return Finding("gatewright plugin", shown_path)


def _passphrase(project: Project) -> Finding:
    path = passphrase_file(project)
    if not path.exists():
        return Finding("passphrase", "made by the first up")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("passphrase", f"{project.shown(path)} can be read by others ({mode:04o})", _chmod(path))
    if not path.read_text().strip():
        return Finding("passphrase", f"{project.shown(path)} is empty", "put it back from a copy, or make clean")
    return Finding("passphrase", f"{project.shown(path)}, readable by its owner only")


def _chmod(path: Path) -> str:
    return f"chmod 600 {shlex.quote(str(path))}"


def _states(project: Project) -> Iterator[Finding]:
    """The default backend, and the user's own where that is a folder too."""
    users = folder_of(os.environ.get("PULUMI_BACKEND_URL", ""))
    enters = {users: ""} if users else {}
    enters[state_folder(project)] = ENTER
    for state, enter in enters.items():
        found = list(faults(state, enter))
        for fault in found:
            yield Finding("state", fault.what, fault.mend)
        if not found:
            stacks = len(list(state.glob(".pulumi/stacks/*/*.json")))
            yield Finding("state", f"{stacks} stack{'s' * (stacks != 1)} in {project.shown(state)}")


def _local_cloudflare(project: Project) -> Finding:
    from gatewright.local import daemon

    try:
        running = daemon.status(project)
    except LocalCloudflareError as error:
        return Finding("local Cloudflare", error.message, error.hint or "gatewright local reset", needed=False)
    if running is None:
        return Finding("local Cloudflare", "not running", "gatewright local start", needed=False)
    return Finding("local Cloudflare", f"{running.data_plane}, process {running.pid}")


def _go(project: Project, engine: Engine | None) -> Finding:
    needed = shown(toolchain.needed())
    go = toolchain.on_path() or toolchain.wheel_go(project)
    version = said_by(go, "version") if go.is_file() else None
    if version:
        return Finding("Go", f"{shown(version)}, {go}", needed=False)
    found = f"none from {needed} on" + ("; not needed, the engine is there" if engine else "; its wheel will be used")
    return Finding("Go", found, needed=False)


def _node() -> Finding:
    node = shutil.which("node")
    version = said_by(Path(node), "--version") if node else None
    if node and version:
        return Finding("Node", f"{shown(version)}, {node}", needed=False)
    return Finding("Node", "none; the tests of the clients bring their own", needed=False)
