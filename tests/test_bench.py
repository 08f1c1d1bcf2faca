"""The comparison with the last release in the report of `make bench`."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from bench.report import Results, last_release, markdown, plot, regressions, write

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
