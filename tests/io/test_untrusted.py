"""Special files and deeply nested values."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatewright.io.untrusted import parse_json, read_regular_file


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_regular_file(tmp_path / "a") == b"abc"
    assert read_regular_file(tmp_path / "a", 2) == b"ab"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OSError, match="is a named pipe, not a regular file"):
        read_regular_file(tmp_path / "a")


def test_devices_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is a device"):
        read_regular_file(Path("/dev/zero"))
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        read_regular_file(tmp_path)


def test_deep_json_is_a_value_error() -> None:
    assert parse_json(b'{"a": [1]}') == {"a": [1]}
    for text in ("[" * 200_000, '{"a":' * 200_000, "{"):
        with pytest.raises(ValueError, match=r"nested too deeply|Expecting"):
            parse_json(text)


@pytest.mark.parametrize("text", ["Infinity", "-Infinity", "NaN", "[1e999]", '{"a": -1e999}'])
def test_numbers_that_are_not_finite_are_invalid(text: str) -> None:
    with pytest.raises(ValueError, match="is not a finite number"):
        parse_json(text)
