"""What a long command shows while it works: a heading, steps with their time, a bar where it takes minutes.

On a terminal the step under way moves; in a pipe, in CI and on a dumb terminal the same content comes as plain
lines, each written once. Colours go when NO_COLOR is set.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from gatewright.io.printable import make_printable, make_single_line

TIME_COLUMN = 65
"""Where a step's time begins; set-up, which cannot import this, writes its line to the same column."""
STEP_BEFORE = "GATEWRIGHT_STEP_BEFORE"
"""The variable in which make hands over set-up's line, so that it stands under the heading."""
QUIET_SECONDS = 15.0
"""How long a step with a known end says nothing where there is no terminal."""
BAR_WIDTH = 40


def duration(seconds: float) -> str:
    """`seconds` as people say them: 0.2 s, 38 s, 3 min 22 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class Step:
    """One step under way: its title may become more exact, notes are shown below it once it is done."""

    def __init__(self, screen: Screen, title: str) -> None:
        self.title = title
        self.took: str | None = None
        """Shown instead of the time: "unchanged"."""
        self._screen = screen
        self._notes: list[str] = []
        self._counted: tuple[int, int, str] | None = None
        self._spinner = Spinner("dots")
        self._started = self._said = time.monotonic()

    def note(self, text: str) -> None:
        """Show `text` under this step."""
        self._notes.append(text)

    def progress(self, done: int, total: int, unit: str = "packages") -> None:
        """`done` of `total` units are done."""
        announced = self._counted is not None
        self._counted = (done, total, unit)
        if self._screen.moves:
            return
        now = time.monotonic()
        if not announced:
            self._screen.line(f"  · {self.title}")
        elif done < total and now - self._said >= QUIET_SECONDS:
            self._said = now
            self._screen.line(f"    {self._count()}  {self._elapsed()}")

    def _elapsed(self) -> str:
        return duration(time.monotonic() - self._started)

    def _count(self) -> str:
        done, total, unit = self._counted or (0, 0, "")
        return f"{done:,} of {total:,} {unit}"

    def _bar(self) -> RenderableType:
        done, total, _ = self._counted or (0, 0, "")
        row = Table.grid(padding=(0, 2))
        width = max(8, min(BAR_WIDTH, self._screen.console.width - 44))
        row.add_row("  ", ProgressBar(total=total, completed=done, width=width), self._count(), self._elapsed())
        return row

    def __rich__(self) -> RenderableType:
        """The step while it moves."""
        self._spinner.update(text=Text(self.title if self._counted else f"{self.title}  {self._elapsed()}"))
        moving = Padding(self._spinner, (0, 0, 0, 2))
        return Group(moving, self._bar()) if self._counted else moving

    def finish(self, mark: str, style: str) -> None:
        """Leave the step's last words on the screen."""
        took = self.took or self._elapsed()
        column = min(TIME_COLUMN, self._screen.console.width - len(took) - 1)
        counted = self._counted is not None and self._screen.moves
        title = f" {self.title}" if counted else f" {self.title} ".ljust(column - 3)
        self._screen.console.print(Text.assemble("  ", (mark, style), title, ("" if counted else took, "dim")))
        if counted:
            self._screen.console.print(self._bar())
        for note in self._notes:
            self._screen.note(note)


class _Console(Console):
    """Shows what comes from outside as text: it ends no line, and is no command to the terminal."""

    def print(self, *objects: Any, **options: Any) -> None:
        """A text is a line."""
        super().print(*(_line(each) if isinstance(each, Text) else each for each in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """All that is printed, tables and steps under way too."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(make_printable(segment.text), segment.style)


def _line(text: Text) -> Text:
    line = text.copy()
    line.plain = make_single_line(text.plain)
    return line


class Screen:
    """Where a command shows its steps; `stream` is standard output unless told."""

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = stream or sys.stdout
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without ✓ is no reason to fail
        self.console = _Console(
            file=stream, force_terminal=stream.isatty(), highlight=False, markup=False, emoji=False, soft_wrap=True
        )
        self.moves = self.console.is_terminal and not self.console.is_dumb_terminal
        """Whether lines may be written over."""

    def line(self, text: str = "") -> None:
        """One line as it is."""
        self.console.print(Text(text))

    def heading(self, text: str) -> None:
        """What this run is about; below it the step that make has done before."""
        self.console.print(Text(text, style="bold"))
        if before := os.environ.get(STEP_BEFORE):
            self.line(before)

    def note(self, text: str) -> None:
        """A line that belongs to the step above."""
        self.line(f"      {text}")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A step: a tick and its time when the body ends, a cross when it raises (and the error goes on)."""
        step = Step(self, title)
        mark, style = "✗", "red"
        live = Live(step, console=self.console, transient=True, refresh_per_second=8) if self.moves else None
        if live:
            live.start()
        try:
            yield step
            mark, style = "✓", "green"
        finally:
            if live:
                live.stop()
            step.finish(mark, style)
