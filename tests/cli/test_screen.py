from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest
from rich.table import Table
from rich.text import Text

from gatewright.cli.batch import run_each
from gatewright.cli.screen import Screen, duration
from gatewright.errors import UsageError


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (2.94, "2.9 s"), (38.2, "38 s"), (59.6, "1 min 0 s"), (202, "3 min 22 s")]
)
def test_a_duration_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_in_a_pipe_a_step_is_one_line_and_its_notes_follow() -> None:
    stream = io.StringIO()
    shown = Screen(stream)
    shown.heading("gatewright · stack local")
    with shown.step("pulumi up") as step:
        step.note("+ gateway agents-local")
        assert "pulumi up" not in stream.getvalue()
        step.outcome = "unchanged"
    assert stream.getvalue().splitlines() == [
        "gatewright · stack local",
        f"{'  ✓ pulumi up':<65}unchanged",
        "      + gateway agents-local",
    ]


def test_what_make_did_before_stands_under_the_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWRIGHT_STEP_BEFORE", "  ✓ Python")
    stream = io.StringIO()
    Screen(stream).heading("gatewright")
    assert stream.getvalue() == "gatewright\n  ✓ Python\n"


@pytest.mark.parametrize("name", ["evil\n\x1b[31mred", "evil\n\x9b31mred", "evil\n\u202e[31mred"])
def test_a_name_from_outside_ends_no_line_and_is_no_command(name: str) -> None:
    stream = io.StringIO()
    shown = Screen(stream)
    shown.line(f"token {name}")
    shown.console.print(Text.assemble("token ", (name, "bold")))
    with shown.step(name) as step:
        step.note(name)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == [lines[0]] * 2
    assert re.fullmatch(r"token evil �\[?(31m)?red", lines[0])
    assert len(lines) == 4
    table = Table(box=None)
    table.add_row(name)
    shown.console.print(table)
    assert not set("\x1b\x9b\u202e").intersection(stream.getvalue())


def test_a_step_that_fails_is_crossed_and_the_error_goes_on() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="why"), Screen(stream).step("pulumi up"):
        raise ValueError("why")
    assert stream.getvalue().startswith("  ✗ pulumi up")


def test_a_failed_preview_is_crossed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def fail(_name: str) -> None:
        raise UsageError("no")

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    with pytest.raises(UsageError):
        run_each(["dev"], fail, "previewing")
    assert re.search(r"✗\S* previewing dev", terminal.getvalue())
    assert "✓" not in terminal.getvalue()


def test_in_a_pipe_a_long_step_says_now_and_then_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    now = [100.0]
    monkeypatch.setattr("gatewright.cli.screen.time.monotonic", lambda: now[0])
    with Screen(stream).step("building") as step:
        for done in range(0, 1001, 100):
            step.advance(done, 1000)
            now[0] += 5
    lines = stream.getvalue().splitlines()
    assert lines == [
        "  · building",
        "    300 of 1,000 packages  15 s",
        "    600 of 1,000 packages  30 s",
        "    900 of 1,000 packages  45 s",
        f"{'  ✓ building':<65}55 s",
    ]


def test_a_stream_without_the_sign_gets_another() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1", write_through=True)
    with Screen(stream).step("pulumi up"):
        pass
    assert b"? pulumi up" in raw.getvalue()


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_on_a_terminal_the_step_moves_and_ends_as_one_line(variables: dict[str, str], coloured: bool) -> None:
    program = (
        "from gatewright.cli.screen import Screen\n"
        "with Screen().step('building') as step:\n"
        "    step.advance(1, 2); import time; time.sleep(0.3); step.advance(2, 2)\n"
    )
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "80", "LINES": "24", **variables}
    output = on_terminal([sys.executable, "-c", program], environment)
    assert ("\x1b[32m✓" in output) is coloured
    assert "1 of 2 packages" in output
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output).splitlines()[-2:]
    assert last[0].strip("\r") == "  ✓ building"
    assert re.fullmatch(r" {4}━+  2 of 2 packages  \d\.\d s\s*", last[1])
    assert all(len(line.strip("\r")) < 80 for line in last)


def on_terminal(command: list[str], environment: dict[str, str]) -> str:
    """What `command` writes to a terminal."""
    leader, follower = pty.openpty()
    try:
        with subprocess.Popen(command, env=environment, stdin=follower, stdout=follower, stderr=follower) as process:
            process.wait(timeout=30)
        os.set_blocking(leader, False)
        return os.read(leader, 1_000_000).decode()
    finally:
        os.close(leader)
        os.close(follower)


def test_in_a_pipe_no_line_ends_with_blanks() -> None:
    stream = io.StringIO()
    table = Table("name", "value", box=None)
    table.add_row("a longer name", "1")
    table.add_row("b", "")
    Screen(stream).console.print(table)
    lines = stream.getvalue().split("\n")
    assert [line.split() for line in lines] == [["name", "value"], ["a", "longer", "name", "1"], ["b"], []]
    assert lines == [line.rstrip() for line in lines]
