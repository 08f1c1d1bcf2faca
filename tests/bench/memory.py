"""The most memory of each process of an `up`, by what it is."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import click

from bench.cases import Bench
from bench.processes import Process, family, processes
from bench.projects import clone, free_port, runner
from gatewright.local import daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROLES = {  # the first whose text is in a command line
    "plugin/executor.py": "Pulumi program",
    "pulumi-language-python-exec": "Pulumi program",
    "gatewright.local.language_host": "language host",
    "gatewright.local.cloudflare_plugin": "stand-in of Cloudflare's plugin",
    "gatewright.provider": "our plugin",
    "gatewright.local.server": "local Cloudflare",
    "/pulumi ": "engine",
    "/gatewright ": "command",
}
NAMES = tuple(f"memory of gatewright up local: {role}" for role in dict.fromkeys(ROLES.values()))
EVERY = 0.02  # seconds between two looks


def measure(bench: Bench) -> dict[str, float]:
    """MiB by name for a first `up`; the local Cloudflare outlives it, so it is looked at in the end."""
    project = clone(bench.checkout, bench.folder / "memory", free_port())
    try:
        most = watch(lambda: runner(project, bench.shell)(bench.gatewright, "up", "local"))
        running = daemon.status(project)
        most |= by_role(process for process in processes() if running and process.pid == running.pid)
    finally:
        daemon.stop(project)
    missing = [name for name in NAMES if name not in most]
    if missing:
        raise click.ClickException(f"not seen: {', '.join(missing)}")
    return {name: most[name] for name in NAMES}


def watch(action: Callable[[], object]) -> dict[str, float]:
    """The most MiB of the processes that an action starts, by name."""
    most: dict[str, float] = {}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(EVERY):
            for name, mebibytes in by_role(family(os.getpid())).items():
                most[name] = max(most.get(name, 0), mebibytes)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    action()
    ended.set()
    thread.join()
    return most


def by_role(table: Iterable[Process]) -> dict[str, float]:
    """The most MiB of the processes, by name; others are left out."""
    most: dict[str, float] = {}
    for process in table:
        role = next((role for text, role in ROLES.items() if text in process.command), None)
        if role is not None:
            name = f"memory of gatewright up local: {role}"
            most[name] = max(most.get(name, 0), process.memory)
    return most
