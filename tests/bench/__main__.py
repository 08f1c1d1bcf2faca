"""`make bench`: what the commands cost beside the bars set for them, and beside what a user would do instead.

Best of five, one after the other in turn, so that a busy moment of the machine meets all. Prints, and writes a report;
a bar that is not met is marked, and nothing fails. CASES='validate' measures only the cases that match, RUNS=2 fewer
times; CLOCK=cpu measures processor time; KEEP=1 keeps the results for the releases to come.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from bench import commands, fifty, first, growth, memory, previews, servers
from bench.bars import bar_lines
from bench.cases import Bench, Case, Group, best_of
from bench.report import Results, write
from bench.simulated import ADDITIONS, SIMULATED, additions, simulated, simulation
from bench.timing import CLOCK
from gatewright.project import Project


@contextmanager
def simulations(bench: Bench) -> Iterator[Mapping[str, Case]]:
    """A simulation, and the loop beside which every time is kept."""
    project = simulation(bench.folder / "simulation")
    yield {ADDITIONS: additions, SIMULATED: partial(simulated, project)}


GROUPS = (
    Group((ADDITIONS, SIMULATED), simulations),
    *previews.GROUPS,
    *commands.GROUPS,
    *first.GROUPS,
    *growth.GROUPS,
    *servers.GROUPS,
)


def measure(bench: Bench, selected: re.Pattern[str], runs: int) -> Results:
    """The results of every selected case."""
    seconds = best_of(GROUPS, bench, selected, runs, ADDITIONS)
    used: dict[str, float] = {}
    if any(map(selected.search, memory.NAMES)):
        used |= memory.measure(bench)
    if selected.search(fifty.OURS):
        many = fifty.at_once(bench.checkout, bench.folder / "fifty")
        seconds, used = seconds | many.seconds, used | many.memory
    return Results.of(seconds, used, ADDITIONS, CLOCK)


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode the imports are what is measured
    selected, runs = re.compile(os.environ.get("CASES", "")), int(os.environ.get("RUNS", "5"))
    checkout = Project.find()
    with tempfile.TemporaryDirectory(prefix="gatewright-bench-") as folder:
        results = measure(Bench(checkout, Path(folder)), selected, runs)
    bars = [*bar_lines({**results.seconds, **results.memory})]
    for line in [*results.lines(), "", *bars]:
        click.echo(line)
    write(results, bars, checkout.work / "bench", keep="KEEP" in os.environ)
    click.echo(f"\nThe report is in {checkout.shown(checkout.work / 'bench')}")


if __name__ == "__main__":
    main()
