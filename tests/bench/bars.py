"""The bars: what a case may cost at most, alone or as a share of another case in the same run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import commands, growth, memory, previews, servers
from bench.fifty import MEMORY, MEMORY_OF_FEW, ONE_BY_ONE, OURS
from bench.simulated import ADDITIONS, SIMULATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Bar:
    """A best time, in seconds or as a share of another's, and what it may be at most; the same of memory."""

    case: str
    limit: float
    beside: str | None = None
    unit: str = "s"

    def line(self, results: Mapping[str, float]) -> str | None:
        """The bar with the result; None where a case of it was not measured."""
        if not {self.case, self.beside or self.case} <= results.keys():
            return None
        value = results[self.case] / (results[self.beside] if self.beside else 1)
        unit, name = ("x", f"{self.case} / {self.beside}") if self.beside else (self.unit, self.case)
        met = "ok" if value <= self.limit else "NOT MET"
        return f"{name:<110} {value:7.2f} {unit:<3} bar {self.limit:6.2f} {unit:<3} {met}"


BARS = (
    Bar(previews.LOCAL, 1.3, beside=previews.EMPTY),
    Bar(previews.HUNDRED, 1.5, beside=previews.EMPTY),
    Bar(previews.LOCAL, 0.35, beside=previews.BY_HAND),
    Bar(previews.PREVIEW, 1.1, beside=previews.LOCAL),
    Bar(previews.FIRST_UP, 1.0, beside=previews.FIRST_UP_BY_HAND),
    Bar(previews.UP, 1.0, beside=previews.UP_BY_HAND),
    Bar(previews.UP, 15.0),
    Bar(previews.DRIFT, 1.0, beside=previews.DRIFT_BY_HAND),
    Bar(commands.VALIDATE, 0.3),
    Bar(commands.VALIDATE, 1.0, beside=commands.CHECK),
    Bar(commands.RENDER, 0.3),
    Bar(commands.VALIDATE_ALL, 0.5),
    Bar(commands.VALIDATE_ALL, 1.0, beside=commands.CHECK_ALL),
    Bar(commands.COMPILED, 1.0),
    Bar(commands.READY, 0.25),
    Bar(growth.name("gatewright preview", 1_000, "routes"), 4.0),
    Bar(SIMULATED, 12.5, beside=ADDITIONS),
    Bar(OURS, 1 / 5, beside=ONE_BY_ONE),
    Bar(MEMORY, 1.25, beside=MEMORY_OF_FEW),
    *(
        Bar(servers.read(servers.LOCAL, count), 1.0, beside=servers.read(servers.MOTO, count))
        for count in servers.CONNECTIONS
    ),
    *(
        Bar(servers.answers(servers.LOCAL, count), 0.1, beside=servers.answers(servers.LITELLM, count))
        for count in servers.CONNECTIONS
    ),
    *(Bar(name, 100.0, unit="MiB") for name in memory.NAMES),
)


def bar_lines(results: Mapping[str, float]) -> Iterator[str]:
    """The bars whose cases were measured."""
    for bar in BARS:
        line = bar.line(results)
        if line is not None:
            yield line
