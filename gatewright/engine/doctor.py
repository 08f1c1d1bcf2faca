"""The checks of `gatewright doctor` on this checkout and this machine."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from gatewright import __version__
from gatewright.command_line import command
from gatewright.engine import toolchain
from gatewright.engine.ensure import describe_engine
from gatewright.engine.find import Engine, find_engine, start_over
from gatewright.engine.installed_versions import install_command, is_newer, plugin_version
from gatewright.engine.launchers import (
    GATEWRIGHT_PLUGIN,
    PLUGIN,
    is_official,
    official_plugin,
    plugin_folder,
    user_pulumi_home,
)
from gatewright.engine.passphrase import passphrase_file
from gatewright.engine.state import backend_folder, find_faults, state_version
from gatewright.engine.variables import shell_prefix, state_folder
from gatewright.engine.versions import MINIMUM, format_version, reported_version
from gatewright.frozen import frozen
from gatewright.io import requirements_text
from gatewright.io.printable import plural
from gatewright.project import Project
from gatewright.setup.main import Setup
from gatewright.setup.venvs import count_packages


@frozen
class Finding:
    """The result of one check. `fix` is None where all is well; without `needed` the rest works without it."""

    name: str
    detail: str
    fix: str | None = None
    needed: bool = True

    @property
    def is_fault(self) -> bool:
        """Whether something that is needed is missing or broken."""
        return self.needed and self.fix is not None


@frozen
class Examination:
    """The findings, in the order in which their subjects are needed; `refused`: Cloudflare refuses a client's token."""

    findings: tuple[Finding, ...]
    refused: bool = False

    @property
    def faults(self) -> int:
        """The number of faults."""
        return sum(finding.is_fault for finding in self.findings)


def examine_checkout(project: Project, local_cloudflare: Finding) -> Examination:
    """Check everything in this checkout; `local_cloudflare` is inserted. Changes nothing."""
    return Examination(tuple(_findings(project, local_cloudflare)))


def _findings(project: Project, local_cloudflare: Finding) -> Iterator[Finding]:
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}")
    yield _environment(project)
    yield from _versions(project)
    engine = find_engine(project)
    yield _engine(engine)
    yield _language_host(engine)
    yield _local_plugin(project)
    yield _official_plugin(project)
    yield _own_plugin(project)
    yield _passphrase(project)
    yield from _states(project)
    yield local_cloudflare
    yield _go(project, engine)
    yield _node()


def _environment(project: Project) -> Finding:
    if not project.is_checkout:
        return Finding("gatewright", f"{__version__}, in {sys.prefix}")
    setup = Setup(project.root)
    if not setup.lock.is_file():
        return Finding("virtual environment", f"{setup.lock.name} is missing", f"git checkout {setup.lock.name}")
    if setup.current_stamp() != setup.expected_stamp():
        return Finding("virtual environment", "not as in requirements.lock", "make setup")
    return Finding("virtual environment", f"{plural(count_packages(setup.lock), 'package')}, as in requirements.lock")


def _versions(project: Project) -> Iterator[Finding]:
    """The versions of the project's pinned requirement, of the plugin and of the states, against the package's."""
    if project.is_checkout:
        return
    file = project.root / requirements_text.NAME
    pinned = requirements_text.pinned_version(file.read_text(encoding="utf-8")) if file.is_file() else None
    if pinned is None:
        yield Finding("project", f"{file.name} pins no gatewright", f"echo gatewright=={__version__} >> {file.name}")
    elif pinned == __version__:
        yield Finding("project", f"{file.name} pins {pinned}, as installed")
    else:
        fix = install_command(pinned) if is_newer(pinned) else command("upgrade")
        yield Finding("project", f"{file.name} pins {pinned}, and {__version__} is installed", fix)
    plugin = plugin_version(project)
    if plugin != __version__:
        problem = f"version {plugin}, not {__version__}" if plugin else "its Python does not run"
        yield Finding("gatewright plugin", problem, command("engine install"))
    for path in sorted(state_folder(project).glob(".pulumi/stacks/*/*.json")):
        version = state_version(state_folder(project), path.parent.name, path.stem)
        if version and is_newer(version):
            yield Finding("state", f"gatewright {version} wrote stack {path.stem}", install_command(version))


def _engine(engine: Engine | None) -> Finding:
    if engine is None:
        return Finding("engine", f"no pulumi {format_version(MINIMUM)} or newer", command("engine install"))
    return Finding("engine", f"{describe_engine(engine)}, {engine.path}")


def _language_host(engine: Engine | None) -> Finding:
    host = engine.host if engine else None
    if host is None:
        return Finding("language host", "none for Python", command("engine install"))
    return Finding("language host", f"{'official' if is_official(host) else 'of this project'}, {host}")


def _local_plugin(project: Project) -> Finding:
    path = plugin_folder(project.pulumi_home) / PLUGIN
    if not os.access(path, os.X_OK):
        return Finding("cloudflare plugin", "none for the local stack", command("engine install"))
    kind = "official" if is_official(path) else "stand-in, for the local Cloudflare only"
    return Finding("cloudflare plugin", f"{kind}, {project.shown(path)}")


def _official_plugin(project: Project) -> Finding:
    plugin = official_plugin(project)
    if plugin:
        return Finding("  for real accounts", f"official, {plugin}")
    folder = plugin_folder(user_pulumi_home(project))
    install = f"pulumi plugin install resource cloudflare {folder.name.partition('-v')[2]}"
    return Finding("  for real accounts", f"none in {folder}", install, needed=False)


def _own_plugin(project: Project) -> Finding:
    program = (project.root / "gatewright" / "provider" if project.is_checkout else project.bin) / GATEWRIGHT_PLUGIN
    path = project.shown(program)
    if not os.access(program, os.X_OK):
        fix = f"git checkout {path}" if project.is_checkout else command("engine install")
        return Finding("gatewright plugin", f"{path} is missing or not executable", fix)
    return Finding("gatewright plugin", path)


def _passphrase(project: Project) -> Finding:
    path = passphrase_file(project)
    if not path.exists():
        return Finding("passphrase", "created by the first up")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        fix = f"chmod 600 {shlex.quote(str(path))}"
        return Finding("passphrase", f"{project.shown(path)} can be read by others ({mode:04o})", fix)
    if not path.read_text().strip():
        return Finding(
            "passphrase",
            f"{project.shown(path)} is empty",
            f"restore it from a copy, or start over: {start_over(project)}",
        )
    return Finding("passphrase", f"{project.shown(path)}, readable by its owner only")


def _states(project: Project) -> Iterator[Finding]:
    """The default backend, and the user's own where that is a folder too."""
    users = backend_folder(os.environ.get("PULUMI_BACKEND_URL", ""))
    prefixes = {users: ""} if users else {}
    prefixes[state_folder(project)] = shell_prefix()
    for folder, prefix in prefixes.items():
        faults = list(find_faults(folder, prefix))
        for fault in faults:
            yield Finding("state", fault.message, fault.fix)
        if not faults:
            stacks = len(list(folder.glob(".pulumi/stacks/*/*.json")))
            yield Finding("state", f"{plural(stacks, 'stack')} in {project.shown(folder)}")


def _go(project: Project, engine: Engine | None) -> Finding:
    go = toolchain.find_go() or toolchain.wheel_go(project)
    version = reported_version(go, "version") if go.is_file() else None
    if version:
        return Finding("Go", f"{format_version(version)}, {go}", needed=False)
    needed = format_version(toolchain.required_go())
    consequence = "not needed, the engine is there" if engine else "its wheel will be used"
    return Finding("Go", f"no Go {needed} or newer; {consequence}", needed=False)


def _node() -> Finding:
    node = shutil.which("node")
    version = reported_version(Path(node), "--version") if node else None
    if node and version:
        return Finding("Node", f"{format_version(version)}, {node}", needed=False)
    return Finding("Node", "none; the tests of the clients install their own", needed=False)
