"""`make bench`: how it selects and measures, and its report. Nothing is timed here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest
from bench import fifty, growth, memory
from bench.__main__ import GROUPS
from bench.bars import BARS, Bar
from bench.cases import Bench, Case, Group, best_of
from bench.processes import PROC, Process, from_proc, from_ps, select_family
from bench.report import Results, last_release, markdown, plot, regressions, write

from gatewright.project import Project

LOOP = "additions"
BEFORE = Results({LOOP: 1.0, "validate": 0.5, "preview": 2.0}, {"most": 100}, LOOP, "wall", "0.0.1", "2026-01-01")


def test_a_slower_machine_is_no_regression_and_a_slower_case_is_one() -> None:
    slower = {LOOP: 2.0, "validate": 1.05, "preview": 4.6, "new": 1.0}
    results = Results(slower, {"most": 120}, LOOP, "wall")
    assert [*regressions(results, BEFORE)] == ["preview: 1.15 x of 0.0.1", "most: 1.20 x of 0.0.1"]
    assert "- preview: 1.15 x of 0.0.1" in markdown(results, ["a bar"], BEFORE)
    assert "| new | 1.00 s | – |" in markdown(results, [], BEFORE)


def test_times_of_another_clock_are_not_compared() -> None:
    assert [*regressions(replace(BEFORE, clock="cpu", memory={"most": 200}), BEFORE)] == []


def test_the_newest_kept_results_are_compared(tmp_path: Path) -> None:
    assert last_release(tmp_path) is None
    for version in ("0.0.9", "0.0.10"):
        (tmp_path / f"{version}.json").write_text(json.dumps(asdict(replace(BEFORE, version=version))))
    assert last_release(tmp_path) == replace(BEFORE, version="0.0.10")


def test_the_report_is_written_in_three_forms(tmp_path: Path) -> None:
    write(BEFORE, ["a bar"], tmp_path / "bench", keep=False)
    assert json.loads((tmp_path / "bench" / "results.json").read_text()) == asdict(BEFORE)
    assert "    a bar" in (tmp_path / "bench" / "report.md").read_text()
    assert (tmp_path / "bench" / "times.svg").read_text() == plot(BEFORE)
    assert "<svg" in plot(BEFORE)


def test_a_batch_of_requests_shows_its_rate() -> None:
    results = replace(BEFORE, seconds={"fake: 320 reads of one resource, 1 connection": 0.5, "validate": 0.5})
    assert "| fake: 320 reads of one resource, 1 connection | 0.50 s, 640 requests per second |" in markdown(
        results, [], None
    )
    assert [line.split()[-2:] for line in results.lines()] == [["per", "second"], ["0.50", "s"], ["100", "MiB"]]


def test_growth_is_shown_by_count() -> None:
    seconds = {growth.name("gatewright validate", count, "routes"): count / 10 for count in growth.COUNTS}
    seconds |= {growth.name("gatewright preview", count, "environments"): count + 1.0 for count in (1, 10)}
    assert growth.table(seconds)[2:] == [
        "| gatewright validate, routes | 0.10 s | 1.00 s | 10.00 s | 100.00 s | 1000.0 x for 1,000 x |",
        "| gatewright preview, environments | 2.00 s | 11.00 s | – | – | 5.5 x for 10 x |",
    ]
    assert "## Growth" in markdown(replace(BEFORE, seconds=seconds), [], None)
    assert growth.table(BEFORE.seconds) == []


@pytest.mark.parametrize("read", [from_proc, from_ps], ids=["proc", "ps"])
def test_a_child_is_of_the_family_and_has_memory(read: Callable[[], Iterator[Process]]) -> None:
    if read is from_proc and not PROC.joinpath("self", "stat").exists():
        pytest.skip("this machine has no /proc")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        processes = {process.pid: process for process in select_family(read(), os.getpid())}
        child.communicate()
    assert processes[os.getpid()].memory > 5
    assert processes[os.getpid()].seconds > 0
    assert processes[child.pid].parent == os.getpid()


def test_the_most_memory_of_each_role_counts() -> None:
    commands = ("sh -c python -P -m gatewright.provider", "python -P -m gatewright.provider 127.0.0.1:1", "sshd")
    processes = [Process(number, 1, 0.0, 10.0 * number, command) for number, command in enumerate(commands, 1)]
    assert memory.by_role(processes) == {"memory of gatewright up local: our plugin": 20.0}


def test_only_selected_cases_are_set_up_and_the_best_run_counts(checkout: Project, tmp_path: Path) -> None:
    times = iter((3.0, 2.0))
    opened: list[str] = []

    @contextmanager
    def setup(_: Bench, name: str) -> Iterator[dict[str, Case]]:
        opened.append(name)
        yield {name: lambda: next(times)}

    groups = [Group((name,), partial(setup, name=name)) for name in ("one", "two")]
    best = best_of(groups, Bench(checkout, tmp_path), re.compile("tw"), 2)
    assert (best, opened) == ({"two": 2.0}, ["two"])


def test_a_bar_is_met_missed_or_not_measured() -> None:
    bar = Bar("ours", 0.5, beside="theirs")
    assert bar.line({"ours": 1.0}) is None
    assert str(bar.line({"ours": 1.0, "theirs": 2.0})).endswith("ok")
    assert str(bar.line({"ours": 1.1, "theirs": 2.0})).endswith("NOT MET")


def test_every_bar_names_a_case() -> None:
    names = {name for group in GROUPS for name in group.names}
    names |= {*memory.NAMES, fifty.OURS, fifty.ONE_BY_ONE, fifty.MEMORY, fifty.MEMORY_OF_FEW}
    assert {name for bar in BARS for name in (bar.case, bar.beside) if name} - names == set()
