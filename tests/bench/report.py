"""The report of a run: JSON, Markdown and a plot, compared with the results that were kept of the last release.

Machines differ, so what is compared is each case's time as a share of that of a loop in Python in the same run.
"""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import leather  # type: ignore[import-untyped]

from bench.growth import table
from gatewright import __version__
from gatewright.clock import today

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KEPT = Path(__file__).parent / "results"
REGRESSION = 1.1
_BATCH = re.compile(r": (\d+) (reads|answers) ")


@dataclass(frozen=True, slots=True)
class Results:
    """Best seconds and most MiB by case, the name of the loop, and where and when they were measured."""

    seconds: Mapping[str, float]
    memory: Mapping[str, float]
    unit: str
    clock: str
    version: str = __version__
    date: str = ""
    machine: str = ""

    @classmethod
    def of(cls, seconds: Mapping[str, float], memory: Mapping[str, float], unit: str, clock: str) -> Results:
        """Results of today on this machine."""
        machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
        return cls(seconds, memory, unit, clock, date=today(os.environ), machine=machine)

    def lines(self) -> Iterator[str]:
        """The results as text."""
        for case, seconds in self.seconds.items():
            yield f"{case:<70} {seconds:7.2f} s{_rate(case, seconds)}"
        for case, mebibytes in self.memory.items():
            yield f"{case:<70} {mebibytes:7.0f} MiB"

    def share(self, case: str) -> float | None:
        """The time of a case as a share of the loop's; None where one was not measured."""
        unit = self.seconds.get(self.unit)
        return self.seconds[case] / unit if unit and case in self.seconds else None


def _rate(case: str, seconds: float) -> str:
    """Requests per second, where the case is a batch of requests."""
    batch = _BATCH.search(case)
    return f", {int(batch[1]) / seconds:,.0f} requests per second" if batch and seconds else ""


def last_release(folder: Path = KEPT) -> Results | None:
    """The results that were kept of the newest other version; None if there are none."""
    files = [file for file in folder.glob("*.json") if file.stem != __version__]
    files.sort(key=lambda file: [int(part) for part in file.stem.split(".")])
    return Results(**json.loads(files[-1].read_text(encoding="utf-8"))) if files else None


def regressions(results: Results, before: Results | None) -> Iterator[str]:
    """What takes more than a tenth longer than before."""
    if before is None or before.clock != results.clock:
        return
    for case in results.seconds:
        now, then = results.share(case), before.share(case)
        if now and then and now / then > REGRESSION:
            yield f"{case}: {now / then:.2f} x of {before.version}"
    for case, mebibytes in results.memory.items():
        if (then := before.memory.get(case)) and mebibytes / then > REGRESSION:
            yield f"{case}: {mebibytes / then:.2f} x of {before.version}"


def markdown(results: Results, bars: Sequence[str], before: Results | None) -> str:
    """The report as Markdown."""
    lines = [f"# gatewright {results.version}, {results.date}", "", f"{results.machine}, {results.clock} time.", ""]
    lines += ["| case | best | beside the release before |", "|---|---|---|"]
    for case, seconds in results.seconds.items():
        share = _ratio(results.share(case), before.share(case) if before else None)
        lines.append(f"| {case} | {seconds:.2f} s{_rate(case, seconds)} | {share} |")
    for case, mebibytes in results.memory.items():
        share = _ratio(mebibytes, before.memory.get(case) if before else None)
        lines.append(f"| {case} | {mebibytes:.0f} MiB | {share} |")
    if growth := table(results.seconds):
        lines += ["", "## Growth", "", *growth]
    title = f"More than {REGRESSION} x of before" if before else "No release before to compare with"
    worse = [f"- {each}" for each in regressions(results, before)] or ["- none"]
    return "\n".join([*lines, "", "## Bars", "", *(f"    {bar}" for bar in bars), "", f"## {title}", "", *worse, ""])


def _ratio(now: float | None, then: float | None) -> str:
    return f"{now / then:.2f} x" if now and then else "–"


def plot(results: Results) -> str:
    """The times as an SVG of bars, longest first."""
    chart = leather.Chart("seconds, best of all runs")
    times = sorted(((seconds, case) for case, seconds in results.seconds.items()))
    chart.add_bars(times)
    svg: str = chart.to_svg(width=1000, height=60 + 30 * len(times))
    return svg


def write(results: Results, bars: Sequence[str], folder: Path, *, keep: bool) -> None:
    """Write the three files; with `keep` also the results of this version, for later releases."""
    before = last_release()
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(results), indent=2) + "\n"
    (folder / "results.json").write_text(text, encoding="utf-8")
    (folder / "report.md").write_text(markdown(results, bars, before), encoding="utf-8")
    (folder / "times.svg").write_text(plot(results), encoding="utf-8")
    if keep:
        KEPT.mkdir(exist_ok=True)
        (KEPT / f"{results.version}.json").write_text(text, encoding="utf-8")
