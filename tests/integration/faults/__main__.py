"""`make test-faults`: every point, with progress; points that have succeeded are not run again.

FAULTS='create/lost/* destroy/*' selects points, KILLS=300 limits those with a signal, MINUTES=5 ends after so long;
`rm -r .gatewright/faults` starts again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
from local.ports import free_port

from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.project import Project

from ..clone import Clone
from ..pairs import Pair, stand_ins
from .lab import OPERATIONS, Lab
from .points import KINDS, at_most, chosen, points

Record = dict[str, Any]
FAILED = "FAILED"
ENDS = ("went on", "after one more", "after hints", "not met", FAILED)


def main() -> int:
    """Run what is left; 1 where a point failed, now or before."""
    checkout = Project.find(Path(__file__).parent)
    folder = checkout.work / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    results, patterns, deadline = folder / "results.jsonl", os.environ.get("FAULTS") or "*", _deadline()
    records = _read(results)
    lab = _lab(checkout, folder)
    try:
        for operation in OPERATIONS:
            if any(pattern.startswith((operation, "*")) for pattern in patterns.split()):
                lab.prepare(operation)
                click.echo(f"{operation}: {len(lab.calls[operation])} calls")
        every = at_most(int(os.environ.get("KILLS") or 300), chosen(points(lab.calls), patterns))
        left = [point for point in every if records.get(str(point), {"end": FAILED})["end"] == FAILED]
        for number, point in enumerate(left, 1):
            if time.monotonic() > deadline:
                break
            record = lab.try_point(point).record()
            records[str(point)] = record
            with results.open("a") as file:
                file.write(json.dumps(record) + "\n")
            click.echo(f"{number}/{len(left)} {point} {record['hit']}: {record['end']}, {record['seconds']} s")
            for line in (*record["hints"], *record["problems"]):
                click.echo(f"    {line}")
    finally:
        lab.clone.end()
    _summarize(records)
    return int(any(record["end"] == FAILED for record in records.values()))


def _lab(checkout: Project, folder: Path) -> Lab:
    """The clone and the snapshots of an earlier run, or new ones."""
    snapshots, prepared = folder / "snapshots", folder / "prepared.json"
    if not prepared.exists():
        engine = ensure_engine(checkout, Screen().show)
        clone = Clone.make(checkout, folder / "a project", stand_ins(engine, folder), free_port())
        clone.gatewright("engine", "install")
        lab = Lab(clone, snapshots)
        lab.keep(prepared)
        return lab
    kept = json.loads(prepared.read_text())
    pair = Pair("stand-ins", folder / "bin", folder / "home")
    return Lab(Clone(Project(folder / "a project"), pair, kept["port"]), snapshots, kept["calls"], kept["ends"])


def _deadline() -> float:
    return time.monotonic() + 60 * float(os.environ.get("MINUTES") or "inf")


def _read(results: Path) -> dict[str, Record]:
    lines = results.read_text().splitlines() if results.exists() else []
    return {record["point"]: record for record in map(json.loads, lines)}


def _summarize(records: dict[str, Record]) -> None:
    counts = Counter((*point.split("/")[:2], record["end"]) for point, record in records.items())
    click.echo(f"\n{'operation':<12}{'trouble':<24}" + "".join(f"{end:>16}" for end in ENDS))
    for operation in OPERATIONS:
        for kind in KINDS:
            numbers = [counts[operation, kind, end] for end in ENDS]
            if any(numbers):
                click.echo(f"{operation:<12}{kind:<24}" + "".join(f"{number or '':>16}" for number in numbers))
    click.echo(f"{'':<36}" + "".join(f"{sum(r['end'] == end for r in records.values()):>16}" for end in ENDS))


if __name__ == "__main__":
    sys.exit(main())
