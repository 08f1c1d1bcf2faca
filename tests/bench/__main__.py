"""`make bench`: what the commands cost beside the bars set for them.

Best of five, one after the other in turn, so that a busy moment of the machine meets all. Prints, and writes a report;
a bar that is not met is marked, and nothing fails. CASES='validate' measures only the cases that match, RUNS=2 fewer
times; CLOCK=cpu measures processor time; KEEP=1 keeps the results for the releases to come.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from bench.fifty import MEMORY, MEMORY_OF_FEW, ONE_BY_ONE, OURS, Fifty, at_once
from bench.projects import ROUTES, by_hand, clone, free_port, many, routed, runner, small
from bench.report import Results, write
from bench.simulated import ADDITIONS, SIMULATED, additions, simulated, simulation
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.engine.find import require_engine
from gatewright.engine.launchers import place_cloudflare_plugin
from gatewright.engine.variables import apply_variables, local_variables
from gatewright.local import daemon
from gatewright.project import Project
from gatewright.workspace import open_one

RUNS = int(os.environ.get("RUNS", "5"))
CASES = re.compile(os.environ.get("CASES", ""))
GROWTH = (1, 10, 100, 1_000)
ENVIRONMENTS = 200
COMPILED = f"{ROUTES:,} routes of 20 nodes checked and compiled"

Case = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Bar:
    """A best time, in seconds or as a share of another's, and what it may be at most; the same of memory."""

    case: str
    limit: float
    beside: str | None = None


BARS = (
    Bar("preview of local", 1.5, beside="preview of an empty program"),
    Bar("preview of local", 0.5, beside="preview by hand, pulumi_cloudflare"),
    Bar("gatewright preview local", 1.1, beside="preview of local"),
    Bar("gatewright validate prod", 0.3),
    Bar("gatewright render prod", 0.3),
    Bar(f"gatewright validate, {ENVIRONMENTS} environments", 1.0),
    Bar(COMPILED, 1.0),
    Bar("gatewright up local, unchanged", 15.0),
    Bar("local Cloudflare ready", 0.5),
    Bar(SIMULATED, 12.5, beside=ADDITIONS),
    Bar(OURS, 1 / 3, beside=ONE_BY_ONE),
    Bar(MEMORY, 1.25, beside=MEMORY_OF_FEW),
)


def compiled(project: Project) -> float:
    """Seconds until the routes of `routed` are read, checked and compiled."""
    started = time.perf_counter()
    environment = open_one(project, "routed")
    elements = [route_elements(environment, name) for name in environment.routes]
    took = time.perf_counter() - started
    if len(elements) != ROUTES or len(elements[0]) < 20:
        raise click.ClickException(f"{len(elements)} routes of {len(elements[0])} nodes are not what is measured")
    return took


def ready(project: Project) -> float:
    """Seconds until a local Cloudflare of its own answers."""
    started = time.perf_counter()
    daemon.start(project, free_port())
    took = time.perf_counter() - started
    daemon.stop(project)
    return took


def measured(checkout: Project, folder: Path) -> dict[str, float]:
    """The best time of every case."""
    engine = require_engine(checkout)
    gatewright = checkout.root / ".venv" / "bin" / "gatewright"
    port = free_port()
    ours, nothing = clone(checkout, folder / "ours", port), small(checkout, folder / "empty")
    filled = by_hand(checkout, folder / "by hand", port)
    lots, alone = many(checkout, folder / "many", ENVIRONMENTS, "account: {:032x}"), Project(folder / "alone")
    graphs, load_project = routed(folder / "routed"), simulation(folder / "simulation")
    run = {
        project.root: runner(project, apply_variables(local_variables(project, engine, os.environ), os.environ))
        for project in (ours, nothing, filled)
    }
    for project in (ours, nothing, filled):  # the engine wants the plugins of all installed packages, used or not
        place_cloudflare_plugin(project)
    preview = (engine.path, "preview", "--non-interactive", "--stack", "local")
    cases: dict[str, Case] = {
        "preview of an empty program": lambda: run[nothing.root](*preview),
        "preview of local": lambda: run[ours.root](*preview),
        "preview by hand, pulumi_cloudflare": lambda: run[filled.root](*preview),
        "gatewright preview local": lambda: run[ours.root](gatewright, "preview", "local"),
        "python -c pass": lambda: run[ours.root](sys.executable, "-c", "pass"),
        "gatewright validate prod": lambda: run[ours.root](gatewright, "validate", "prod"),
        "gatewright render prod": lambda: run[ours.root](gatewright, "render", "prod"),
        f"gatewright validate, {ENVIRONMENTS} environments": lambda: runner(lots, dict(os.environ))(
            gatewright, "validate", "--all"
        ),
        COMPILED: lambda: compiled(graphs),
        "gatewright up local, unchanged": lambda: run[ours.root](gatewright, "up", "local"),
        "local Cloudflare ready": lambda: ready(alone),
        ADDITIONS: additions,
        SIMULATED: lambda: simulated(load_project),
    }
    for count in GROWTH:
        project = many(checkout, folder / f"growth-{count}", count, "account: {:032x}")
        cases[f"gatewright validate, {count:,} more environments"] = partial(
            runner(project, dict(os.environ)), gatewright, "validate", "--all"
        )
    cases = {name: case for name, case in cases.items() if CASES.search(name) or name == ADDITIONS}
    try:
        if any(not name.startswith("gatewright validate") for name in cases.keys() - {ADDITIONS}):
            run[ours.root](gatewright, "up", "local")
            for project in (nothing, filled):
                run[project.root](engine.path, "stack", "init", "local")
            run[filled.root](engine.path, "up", "--yes", "--skip-preview", "--non-interactive")
        best = dict.fromkeys(cases, float("inf"))
        for _ in range(RUNS):
            for name, case in cases.items():
                best[name] = min(best[name], case())
    finally:
        daemon.stop(ours)
    return best


def table(best: dict[str, float], memory: dict[str, float]) -> list[str]:
    """The times and the memory."""
    lines = [f"{name:<60} {seconds:6.2f} s" for name, seconds in best.items()]
    return [*lines, *(f"{name:<60} {mebibytes:6.0f} MiB" for name, mebibytes in memory.items()), ""]


def bar_lines(found: dict[str, float]) -> list[str]:
    """The bars whose cases were measured."""
    lines = []
    for bar in BARS:
        if not {bar.case, bar.beside or bar.case} <= found.keys():
            continue
        value = found[bar.case] / (found[bar.beside] if bar.beside else 1)
        unit, name = ("x", f"{bar.case} / {bar.beside}") if bar.beside else ("s", bar.case)
        met = "ok" if value <= bar.limit else "NOT MET"
        lines.append(f"{name:<90} {value:6.2f} {unit}   bar {bar.limit:5.2f} {unit}   {met}")
    return lines


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        checkout = Project.find()
        best = measured(checkout, Path(folder))
        fifty = at_once(checkout, Path(folder) / "fifty") if CASES.search(OURS) else Fifty({}, {})
    seconds = best | fifty.seconds
    bars = bar_lines(seconds | fifty.memory)
    for line in [*table(seconds, fifty.memory), *bars]:
        click.echo(line)
    results = Results.of(seconds, fifty.memory, ADDITIONS, os.environ.get("CLOCK", "wall"))
    write(results, bars, checkout.work / "bench", keep="KEEP" in os.environ)
    click.echo(f"\nThe report is in {checkout.shown(checkout.work / 'bench')}")


if __name__ == "__main__":
    main()
