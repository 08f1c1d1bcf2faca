"""`make test-faults`: every point, with progress; points that have succeeded are not run again.

FAULTS='create/lost/* destroy/*' selects points, KILLS=300 limits those with a signal, MINUTES=5 ends after so long,
WORKERS=2 runs so many at the same time; `rm -r .gatewright/faults` starts again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.io.private import private_folder
from gatewright.io.system import lock_file
from gatewright.project import Project

from .lab import OPERATIONS
from .points import at_most, chosen, points
from .table import FAILED, table
from .workers import Record, open_lab, run_points, worker_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


def main() -> int:
    """Run what is left; 1 where a point failed, now or before."""
    checkout = Project.find(Path(__file__).parent)
    folder = private_folder(checkout.work / "faults")
    with (folder / "lock").open("w") as lock:
        if not lock_file(lock.fileno(), wait=False):
            sys.exit(f"another make test-faults runs in {folder}")
        return _run(checkout, folder)


def _run(checkout: Project, folder: Path) -> int:
    results, patterns, until = folder / "results.jsonl", os.environ.get("FAULTS") or "*", _end()
    records = _read(results)
    calls = _calls(checkout, worker_folder(folder, 0), patterns)
    every = at_most(int(os.environ.get("KILLS") or 300), chosen(points(calls), patterns))
    left = [point for point in every if records.get(str(point), {"end": FAILED})["end"] == FAILED]
    succeeded = run_points(checkout, folder, left, int(os.environ.get("WORKERS") or 1), until)
    records = _read(results)
    click.echo("\n" + "\n".join(table(records)))
    return int(not succeeded or any(record["end"] == FAILED for record in records.values()))


def _calls(checkout: Project, folder: Path, patterns: str) -> Mapping[str, list[str]]:
    """The calls of each operation that a pattern names, without a fault."""
    with open_lab(checkout, folder) as lab:
        for operation in OPERATIONS:
            if any(pattern.startswith((operation, "*")) for pattern in patterns.split()):
                lab.prepare(operation)
                click.echo(f"{operation}: {len(lab.calls[operation])} calls")
        return lab.calls


def _end() -> float:
    """When to end, in seconds since the epoch."""
    return time.time() + 60 * float(os.environ.get("MINUTES") or "inf")


def _read(results: Path) -> dict[str, Record]:
    lines = results.read_text().splitlines() if results.exists() else []
    return {record["point"]: record for record in map(json.loads, lines)}


if __name__ == "__main__":
    sys.exit(main())
