"""Loads from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.errors import UsageError
from gatewright.operations.simulation.load_file import FileLoad, read_load

from .environments import START

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = ("dynamic/fast", "coder", "groq/a")


def read(tmp_path: Path, text: str) -> FileLoad:
    path = tmp_path / "load"
    path.write_text(text, encoding="utf-8")
    return read_load(path, TARGETS.__contains__, 0)


def test_csv(tmp_path: Path) -> None:
    text = (
        "\ufefftime,route,model,tokens_in,tokens_out,prompt,metadata.plan\n"
        "2026-12-01T00:01:00Z,fast,,100,20,p1,paid\n"
        "2026-12-01 00:00:00,,groq/a,5,,,\n"
    )
    load = read(tmp_path, text).load
    assert (load.start, load.seconds, set(load.targets)) == (START, 61, {"dynamic/fast", "groq/a"})
    first, second = load
    assert (first.time, first.target, first.tokens_in, first.tokens_out, first.prompt) == (START, "groq/a", 5, 0, None)
    assert first.metadata is None
    assert (second.target, second.tokens_in, second.prompt) == ("dynamic/fast", 100, "p1")
    assert second.metadata == {"plan": "paid"}


def test_json_lines(tmp_path: Path) -> None:
    text = (
        f'{{"time": {START}, "route": "dynamic/fast", "tokens_in": 7, "event_id": "e", "metadata": {{"plan": 1}}}}\n\n'
        f'{{"time": {START + 0.5}, "role": "coder", "tokens_in": null}}\n'
    )
    first, second = read(tmp_path, text).load
    assert (first.target, first.tokens_in, first.event, first.metadata) == ("dynamic/fast", 7, "e", {"plan": 1})
    assert (second.time, second.target, second.tokens_in) == (START + 0.5, "coder", 0)


def test_broken_lines_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    text = (
        "time,target,tokens_in\n"
        "2026-12-01,coder,1\n"
        "yesterday,coder,1\n"
        "2026-12-01,coder\n"
        "2026-12-01,dynamic/slow,1\n"
        "2026-12-01,coder,-3\n"
        "2026-12-01,,3\n"
        "2026-12-01,coder,many\n"
        "2026-12-01,coder,2\n"
    )
    result = read(tmp_path, text)
    assert [request.tokens_in for request in result.load] == [1, 2]
    path = tmp_path / "load"
    assert result.notes == (
        f"{path}:3: time: expected a timestamp or seconds since 1970, found yesterday",
        f"{path}:4: expected 3 cells, found 2",
        f"{path}:5: unknown target dynamic/slow",
        f"{path}:6: tokens_in: expected a number of tokens, found -3",
        f"{path}:7: expected route, role, model or target",
        "6 lines left out",
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "The file is empty"),
        ("time,target\nnan,coder\n", "1970, found nan"),
        ("{\n", ":1: not JSON"),
        ('{"time": 1, "target": ["coder"]}\n[1]\n', "unknown target"),
        ("\0\x01\n?", ":2: time is missing"),
        ("[" * 100_000, "empty"),
    ],
)
def test_a_file_without_a_request_is_refused(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no line can be read") as error:
        read(tmp_path, text)
    assert hint in str(error.value.hint)
