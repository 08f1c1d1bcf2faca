"""The output of a long command: a heading, steps with their time, a bar where a step takes minutes.

On a terminal the step under way moves. In a pipe, in CI and on a dumb terminal the same content comes as plain lines,
each written once. NO_COLOR turns colours off.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from gatewright import progress
from gatewright.io.printable import make_printable, make_single_line
from gatewright.redaction import mask_urls

TIME_COLUMN = 65
"""The column of a step's time; bootstrap.py, which cannot import this module, uses the same."""
STEP_BEFORE = "GATEWRIGHT_STEP_BEFORE"
"""The variable in which make passes on bootstrap.py's line, which is printed under the heading."""
QUIET_SECONDS = 15.0
"""Without a terminal, the time between two lines of a step that has a bar."""
BAR_WIDTH = 40


def duration(seconds: float) -> str:
    """Format `seconds` for people: 0.2 s, 38 s, 3 min 22 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class _ShownStep:
    """A step under way on the screen; its notes are shown below it once it has ended."""

    def __init__(self, screen: Screen, title: str) -> None:
        self.title = title
        self.notes: list[str] = []
        self._screen = screen
        self._count: tuple[int, int, str] | None = None
        self._spinner = Spinner("dots")
        self._started = self._last_line = time.monotonic()
        self._live: Live | None = None
        if screen.moves:
            self._live = Live(self, console=screen.console, transient=True, refresh_per_second=8)
            self._live.start()

    def advance(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are done."""
        is_first, self._count = self._count is None, (done, total, unit)
        if self._screen.moves:
            return
        now = time.monotonic()
        if is_first:
            self._screen.line(f"  · {self.title}")
        elif done < total and now - self._last_line >= QUIET_SECONDS:
            self._last_line = now
            self._screen.line(f"    {self._progress()}  {self._elapsed()}")

    def _elapsed(self) -> str:
        return duration(time.monotonic() - self._started)

    def _progress(self) -> str:
        done, total, unit = self._count or (0, 0, "")
        return f"{done:,} of {total:,} {unit}"

    def _bar(self) -> RenderableType:
        done, total, _ = self._count or (0, 0, "")
        row = Table.grid(padding=(0, 2))
        width = max(8, min(BAR_WIDTH, self._screen.console.width - 44))
        row.add_row("  ", ProgressBar(total=total, completed=done, width=width), self._progress(), self._elapsed())
        return row

    def __rich__(self) -> RenderableType:
        """Render the step while it is under way."""
        self._spinner.update(text=Text(self.title if self._count else f"{self.title}  {self._elapsed()}"))
        spinner = Padding(self._spinner, (0, 0, 0, 2))
        return Group(spinner, self._bar()) if self._count else spinner

    def finish(self, event: progress.StepFinished) -> None:
        """Replace the moving step by its last lines."""
        if self._live:
            self._live.stop()
        mark = ("✗", "red") if event.failed else ("✓", "green")
        took = event.outcome or self._elapsed()
        has_bar = self._count is not None and self._screen.moves
        column = min(TIME_COLUMN, self._screen.console.width - len(took) - 1)
        title = f" {self.title}" if has_bar else f" {self.title} ".ljust(column - 3)
        self._screen.console.print(Text.assemble("  ", mark, title, ("" if has_bar else took, "dim")))
        if has_bar:
            self._screen.console.print(self._bar())
        for note in self.notes:
            self._screen.note(note)


class _Console(Console):
    """Prints text from outside without line ends and without control characters of the terminal."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print each text on one line; in a pipe without the blanks that fill the columns of tables."""
        lines = [_line(each) if isinstance(each, Text) else each for each in objects]
        if self.is_terminal:
            super().print(*lines, **options)
            return
        with self.capture() as captured:
            super().print(*lines, **options)
        self.file.write("\n".join(line.rstrip(" ") for line in captured.get().split("\n")))
        self.file.flush()

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render everything that is printed, tables and moving steps included."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(make_printable(segment.text), segment.style)


def _line(text: Text) -> Text:
    line = text.copy()
    line.plain = mask_urls(make_single_line(text.plain))
    return line


class Screen:
    """Where a command shows its steps: `stream`, or standard output."""

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = stream or sys.stdout
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without ✓ is no reason to fail
        self.console = _Console(
            file=stream, force_terminal=stream.isatty(), highlight=False, markup=False, emoji=False, soft_wrap=True
        )
        self.moves = self.console.is_terminal and not self.console.is_dumb_terminal
        """Whether lines may be written over."""
        self._step: _ShownStep | None = None

    def line(self, text: str = "") -> None:
        """Print one line."""
        self.console.print(Text(text))

    def heading(self, text: str) -> None:
        """Print what this run is about, and below it the step that make has done before."""
        self.console.print(Text(text, style="bold"))
        if before := os.environ.get(STEP_BEFORE):
            self.line(before)

    def note(self, text: str) -> None:
        """Print a line that belongs to the step above."""
        self.line(f"      {text}")

    def show(self, event: progress.Event) -> None:
        """Show the progress of an operation."""
        match event, self._step:
            case progress.StepStarted(title), _:
                self._step = _ShownStep(self, title)
            case progress.Message(text, details), _:
                self.line(f"  · {text}")
                for detail in details:
                    self.note(detail)
            case progress.StepRetitled(title), _ShownStep() as step:
                step.title = title
            case progress.StepAdvanced(done, total, unit), _ShownStep() as step:
                step.advance(done, total, unit)
            case progress.StepNote(text), _ShownStep() as step:
                step.notes.append(text)
            case progress.StepFinished(), _ShownStep() as step:
                step.finish(event)
                self._step = None

    def step(self, title: str) -> AbstractContextManager[progress.Step]:
        """Show the body as a step of this command's own."""
        return progress.step(self.show, title)
