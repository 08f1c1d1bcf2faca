"""Processes that run points at the same time, each with a clone, a local Cloudflare and snapshots of its own."""

from __future__ import annotations

import json
import multiprocessing
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from local.ports import free_port

from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.project import Project

from ..clone import Clone
from ..pairs import Pair, stand_ins
from .lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.synchronize import Lock
    from pathlib import Path

    from .points import Point

Record = dict[str, Any]


@contextmanager
def open_lab(checkout: Project, folder: Path) -> Iterator[Lab]:
    """The clone and the snapshots of an earlier run in `folder`, or new ones; no process is left at the end."""
    prepared, snapshots, project = folder / "prepared.json", folder / "snapshots", folder / "a project"
    if prepared.exists():
        kept = json.loads(prepared.read_text())
        pair = Pair("stand-ins", folder / "bin", folder / "home")
        lab = Lab(Clone(Project(project), pair, kept["port"]), snapshots, kept["calls"], kept["ends"])
    else:
        engine = ensure_engine(checkout, Screen().show)
        folder.mkdir(parents=True, exist_ok=True)
        lab = Lab(Clone.make(checkout, project, stand_ins(engine, folder), free_port()), snapshots)
        lab.clone.gatewright("engine", "install")
        lab.keep(prepared)
    try:
        yield lab
    finally:
        lab.clone.end()


def run_points(checkout: Project, folder: Path, points: Sequence[Point], workers: int, until: float) -> bool:
    """Run the points in this order, and append their records to results.jsonl; whether no worker itself failed.

    After the time `until`, in seconds since the epoch, no other point begins.
    """
    context = multiprocessing.get_context("spawn")
    following, writing = context.Value("i", 0), context.Lock()
    processes = [
        context.Process(target=_work, args=(checkout, folder, number, points, (following, writing), until))
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return all(process.exitcode == 0 for process in processes)


def _work(
    checkout: Project, folder: Path, worker: int, points: Sequence[Point], shared: tuple[Any, Lock], until: float
) -> None:
    following, writing = shared
    with open_lab(checkout, worker_folder(folder, worker)) as lab:
        while time.time() < until:
            with following.get_lock():
                number = following.value
                following.value += 1
            if number >= len(points):
                return
            record = lab.try_point(points[number]).record()
            with writing:
                _write(folder / "results.jsonl", record, f"{number + 1}/{len(points)}")


def worker_folder(folder: Path, worker: int) -> Path:
    """Where a worker keeps its clone and its snapshots."""
    return folder / f"worker-{worker + 1}"


def _write(results: Path, record: Record, number: str) -> None:
    with results.open("a") as file:
        file.write(json.dumps(record) + "\n")
    click.echo(f"{number} {record['point']} {record['hit']}: {record['end']}, {record['seconds']} s")
    for line in (*record["hints"], *record["problems"]):
        click.echo(f"    {line}")
