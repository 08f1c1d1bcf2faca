"""`make bench`: what a preview costs beside that of an empty program, and what the commands without Pulumi cost.

Best of five, one after the other in turn, so that a busy moment of the machine meets all. Prints, asserts nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from gatewright.local import daemon
from gatewright.local.engine.find import require
from gatewright.local.engine.launchers import place_cloudflare_plugin
from gatewright.local.engine.variables import applied, local_variables
from gatewright.project import Project

RUNS = 5
LINKED = (".venv", "components", "gatewright", "schemas")


def clone(checkout: Project, folder: Path) -> Project:
    """A checkout of its own in `folder` that runs this one's code, with a local Cloudflare on a free port."""
    (folder / "stacks").mkdir(parents=True)
    for name in LINKED:
        (folder / name).symlink_to(checkout.root / name)
    for path in (checkout.root / "Pulumi.yaml", checkout.root / "__main__.py"):
        shutil.copy(path, folder)
    for path in checkout.stacks.glob("*.yaml"):
        if not path.name.startswith("Pulumi."):
            shutil.copy(path, folder / "stacks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "stacks" / "local.yaml").write_text(f"extends: base.yaml\nlocal: {{port: {port}}}\nprotect: false\n")
    return Project(folder)


def empty(checkout: Project, folder: Path) -> Project:
    """A project whose program is empty."""
    (folder / "stacks").mkdir(parents=True)
    (folder / ".venv").symlink_to(checkout.root / ".venv")
    (folder / "__main__.py").touch()
    (folder / "Pulumi.yaml").write_text(
        "name: empty\nruntime: {name: python, options: {virtualenv: .venv}}\nstackConfigDir: stacks\n"
    )
    return Project(folder)


def runner(project: Project, environment: dict[str, str]) -> Callable[..., float]:
    """Runs a command in `project`; its seconds from start to end."""

    def run(*command: str | Path) -> float:
        started = time.perf_counter()
        done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise click.ClickException(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
        return time.perf_counter() - started

    return run


def main() -> None:
    checkout = Project.find()
    engine = require(checkout)
    gatewright = checkout.root / ".venv" / "bin" / "gatewright"
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        ours, nothing = clone(checkout, Path(folder) / "ours"), empty(checkout, Path(folder) / "empty")
        runs = {
            project: runner(project, applied(local_variables(project, engine, os.environ), os.environ))
            for project in (ours, nothing)
        }
        for project in runs:  # the engine wants the plugins of all installed packages, used or not
            place_cloudflare_plugin(project)
        try:
            runs[ours](gatewright, "up", "local")
            runs[nothing](engine.path, "stack", "init", "local")
            preview = (engine.path, "preview", "--non-interactive", "--stack", "local")
            cases: dict[str, Callable[[], float]] = {
                "preview of an empty program": lambda: runs[nothing](*preview),
                "preview of local": lambda: runs[ours](*preview),
                "gatewright validate prod": lambda: runs[ours](gatewright, "validate", "prod"),
                "gatewright render prod": lambda: runs[ours](gatewright, "render", "prod"),
                "gatewright up local, unchanged": lambda: runs[ours](gatewright, "up", "local"),
            }
            best = dict.fromkeys(cases, float("inf"))
            for _ in range(RUNS):
                for name, case in cases.items():
                    best[name] = min(best[name], case())
        finally:
            daemon.stop(ours)
    for name, seconds in best.items():
        click.echo(f"{name:<34} {seconds:6.2f} s")
    ratio = best["preview of local"] / best["preview of an empty program"]
    click.echo(f"{'preview of local / empty':<34} {ratio:6.2f}     (bar: 1.5)")


if __name__ == "__main__":
    main()
