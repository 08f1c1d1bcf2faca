"""The local Cloudflare that local environments share: commands start it, operations expect it to run."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from gatewright.io.system import lock_file
from gatewright.progress import step, unreported

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.resolved import Environment
    from gatewright.progress import Report
    from gatewright.project import Project

_USERS: dict[Path, int] = {}
"""By project: the descriptor of the file that this process keeps locked, shared, once it has used the server."""
_OPENING = Lock()


def start_local(project: Project, environment: Environment | None, report: Report = unreported) -> None:
    """Let the local Cloudflare serve `environment`, unless it is invalid or on a real account."""
    from gatewright.local import daemon

    if environment is None or environment.local is None:
        return
    with step(report, "local Cloudflare ready") as current:
        lock_file(_users(project), shared=True)
        running = daemon.status(project)
        if running and environment.local.port in daemon.ports(running):
            current.outcome = "unchanged"
        daemon.start(project, environment.local.port, () if running else local_ports(project))


def stop_unused(project: Project) -> str:
    """Stop the local Cloudflare unless it is in use; return what was done."""
    from gatewright.io.printable import plural
    from gatewright.local import daemon

    running = daemon.status(project)
    if running is None:
        return "local Cloudflare is not running"
    if not lock_file(_users(project), wait=False):
        return "local Cloudflare keeps running: another command uses it"
    counts = (daemon.health(running.port) or {}).get("counts", {})
    if gateways := counts.get("gateways"):
        return f"local Cloudflare keeps running: it has {plural(gateways, 'gateway')}"
    daemon.stop(project)
    return "local Cloudflare stopped"


def local_ports(project: Project) -> list[int]:
    """The ports of the local environments, each once."""
    from gatewright.workspace import files_of, select

    loaded = select(project, [], every=True) if files_of(project).names() else []
    ports = [each.environment.local.port for each in loaded if each.environment and each.environment.local]
    return list(dict.fromkeys(ports))


def served_ports(project: Project) -> list[int]:
    """The ports of the local Cloudflare, none where it does not run."""
    from gatewright.local import daemon

    running = daemon.status(project)
    return [*daemon.ports(running)] if running else []


def _users(project: Project) -> int:
    with _OPENING:
        if project.root not in _USERS:
            project.local.mkdir(parents=True, exist_ok=True)
            _USERS[project.root] = os.open(project.local / "users.lock", os.O_RDWR | os.O_CREAT, 0o666)
        return _USERS[project.root]
