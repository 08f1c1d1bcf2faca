"""Many environments at once, beside the same number of previews by hand: once, as each takes minutes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import click

from bench.projects import by_hand, free_port, many, runner
from gatewright.engine.find import Engine, require_engine
from gatewright.engine.launchers import place_cloudflare_plugin
from gatewright.engine.variables import apply_variables, local_variables
from gatewright.errors import ExitCode
from gatewright.local import daemon
from gatewright.project import Project

FEW, FIFTY = 4, 50
OURS = f"gatewright preview --all, {FIFTY} environments"
ONE_BY_ONE = f"{FIFTY} previews by hand, one after the other"
MEMORY_OF_FEW, MEMORY = (f"most memory of gatewright preview of {count} environments" for count in (FEW, FIFTY))
EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Fifty:
    """Seconds of each case, and the most memory in MiB."""

    seconds: dict[str, float]
    memory: dict[str, float]


def at_once(checkout: Project, folder: Path) -> Fifty:
    """Previews of environments of which none is made yet, ours and by hand."""
    engine = require_engine(checkout)
    port = free_port()
    ours = many(checkout, folder / "ours", FIFTY, f"local: {{{{port: {port}}}}}")
    for name in ("local", "dev", "staging", "prod"):
        (ours.stacks / f"{name}.yaml").unlink()
    filled = by_hand(checkout, folder / "by hand", port)
    place_cloudflare_plugin(filled)
    run = runner(filled, apply_variables(local_variables(filled, engine, os.environ), os.environ))
    daemon.start(ours, port)
    try:
        few = _previewed(engine, ours, *(f"env-{number}" for number in range(FEW)))
        fifty = _previewed(engine, ours, "--all")
        spent = 0.0
        for number in range(FIFTY):
            run(engine.path, "stack", "init", f"env-{number}")
            spent += run(engine.path, "preview", "--non-interactive", "--stack", f"env-{number}")
    finally:
        daemon.stop(ours)
    return Fifty({OURS: fifty[0], ONE_BY_ONE: spent}, {MEMORY_OF_FEW: few[1], MEMORY: fifty[1]})


def _previewed(engine: Engine, project: Project, *which: str) -> tuple[float, float]:
    """Seconds, and the most MiB of all its processes together."""
    command = [str(project.root / ".venv/bin/gatewright"), "preview", *which, "--format", "json"]
    shell = {**os.environ, "PATH": f"{engine.path.parent}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=project.root,
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        meter = _Meter(process.pid)
        meter.start()
        printed, errors = process.communicate()
        meter.ended.set()
        meter.join()
    if process.returncode != ExitCode.CHANGES:
        raise click.ClickException(f"{errors}{printed}")
    return time.perf_counter() - started, meter.most


class _Meter(threading.Thread):
    """Looks at the memory of a session until it has `ended`; each shared page counts once."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session, self.most, self.ended = session, 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(EVERY):
            self.most = max(self.most, sum(map(self._of, Path("/proc").glob("[0-9]*"))))

    def _of(self, process: Path) -> float:
        try:
            if os.getsid(int(process.name)) != self.session:
                return 0
            rows = dict(line.split(":", 1) for line in (process / "smaps_rollup").read_text().splitlines()[1:])
        except (OSError, ValueError):  # it has ended since
            return 0
        return int(rows["Pss"].split()[0]) / 1024
