"""Tables break lines between words only, and become paragraphs where a terminal is too narrow."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import pytest

from gatewright.cli import run
from gatewright.cli.columns import column_widths, row_paragraph, wrap_line
from gatewright.cli.echo import say_folded
from gatewright.cli.reports.tables import print_table
from gatewright.cli.screen import Screen
from gatewright.errors import ExitCode
from gatewright.operations.show import show
from gatewright.workspace import open_one

from .project import write

if TYPE_CHECKING:
    from gatewright.project import Project

ROWS = [("model", "context"), ("groq/llama-3.1-8b", "131,072"), ("a b c d e f g h i j k l", "1")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_wide_terminal_has_room_for_all() -> None:
    assert column_widths(ROWS, 80) == [23, 7]


def test_the_longest_word_is_the_least_width() -> None:
    assert column_widths(ROWS, 24) == [17, 7]
    assert column_widths(ROWS, 23) is None


def test_a_paragraph_breaks_between_words_and_leaves_empty_cells_out() -> None:
    headings = ("model", "id", "then", "output", "")
    lines = [*row_paragraph(headings, ("a/b", "very-long-name", "–", "65,536 tokens", "unverified"), 24)]
    assert lines == [" a/b", "   id very-long-name ·", "   output 65,536 tokens", "   · unverified"]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_show_breaks_no_word(checkout: Project, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    screen = Screen(stream := Terminal())
    tables = show(open_one(checkout, "local"), ())
    for table in tables:
        print_table(table, screen)
    output = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert max(map(len, output.splitlines())) <= width
    words = {word for table in tables for row in table.rows for cell in row for word in cell.split()} - {"–"}
    assert words <= set(output.split())


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("  ~ route fast", ["  ~ route fast"]),
        (
            "  ! gateway a   logs: max 100000 and 1,000",
            ["  ! gateway a   logs: max", " " * 16 + "100000 and", " " * 16 + "1,000"],
        ),
        ("      risk: fewer log-entries are kept", ["      risk: fewer", "      log-entries are kept"]),
        ("a-long-name-without-a-space-in-it", ["a-long-name-without-a-space-in-it"]),
    ],
)
def test_a_line_is_wrapped_below_its_last_column(line: str, lines: list[str]) -> None:
    assert wrap_line(line, 28) == lines


def test_a_column_that_leaves_no_room_for_a_word_is_not_used() -> None:
    assert wrap_line("  local    {ttl: 5m}    stacks/local.yaml:6:18", 36) == [
        "  local    {ttl: 5m}",
        "           stacks/local.yaml:6:18",
    ]


def test_lines_of_a_pipe_are_not_broken(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    say_folded("one two three four\n\nfive")
    assert capsys.readouterr().out == "one two three four\n\nfive\n"
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    say_folded("one two three four\n\nfive")
    assert terminal.getvalue() == "one two\nthree four\n\nfive\n"


def test_permissions_are_paragraphs_where_the_terminal_is_narrow(
    checkout: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.root)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert run(["permissions", "prod"]) == ExitCode.DONE
    assert " Secrets Store Write\n   in the dashboard Secrets Store: Edit · on the account ·\n" in terminal.getvalue()


def test_messages_are_folded_below_their_column(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "bad.yaml", "extends: base.yaml\nlocal: true\nroutes: {fast: [groq/gpt-oss-20]}\n")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert run(["validate", "bad"]) == ExitCode.INVALID
    assert terminal.getvalue().splitlines()[:2] == [
        "stacks/bad.yaml:3:17    routes.fast[0]: unknown model",
        "                        groq/gpt-oss-20. Did you mean",
    ]
