"""The reader: the core schema of YAML 1.2, a location for every error, and limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatewright.diagnostics import Diagnostics
from gatewright.environment import reader
from gatewright.environment.reader import MAX_ALIASED_NODES, MAX_BYTES, MAX_DEPTH, read_file, read_text


def read(text: str) -> tuple[Any, list[tuple[str, str]]]:
    """The plain value, and the codes and locations of the diagnostics."""
    diagnostics = Diagnostics()
    node = read_text(text, "a.yaml", diagnostics)
    return node.plain() if node else None, [
        (diagnostic.code, str(diagnostic.location)) for diagnostic in diagnostics.diagnostics
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("nULL", "nULL"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("1:30", "1:30"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5e-1", -0.05),
        (".", "."),
        ("2026-11-21", "2026-11-21"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("! 5", "5"),
        ("|\n  x\n  y", "x\ny\n"),
        ("9" * 40, 1e40),
    ],
)
def test_core_schema(written: str, value: object) -> None:
    assert read(f"a: {written}\n") == ({"a": value}, [])


@pytest.mark.parametrize(
    ("text", "code", "location"),
    [
        ("a: 1\nb: {", "broken-yaml", "a.yaml:3:1"),
        ("a: 1\nb: \x00x\n", "broken-yaml", "a.yaml:2:4"),
        ("é: 1\n# ü\nb: x\x07\n", "broken-yaml", "a.yaml:3:5"),
        ("a: 1\r\nb: 2\r\na: 3\r\n", "duplicate-key", "a.yaml:3:1"),
        ("'a': 1\n\"a\": 2\n", "duplicate-key", "a.yaml:2:1"),
        ("1: a\n'1': b\n", "duplicate-key", "a.yaml:2:1"),
        ("? [a]\n: 1\n", "key-not-text", "a.yaml:1:3"),
        ("a: 1\n---\nb: 1\n", "several-documents", "a.yaml:2:1"),
        ("a: !!str b\n", "yaml-tag", "a.yaml:1:4"),
        ("a: &x [*x]\n", "unknown-anchor", "a.yaml:1:8"),
        ("- a\n", "not-a-mapping", "a.yaml:1:1"),
        ("%YAML 3.0\n---\na: 1\n", "broken-yaml", "a.yaml:1:1"),
        ("a: b: c\n", "broken-yaml", "a.yaml:1:5"),
    ],
)
def test_errors_have_locations(text: str, code: str, location: str) -> None:
    assert read(text)[1] == [(code, location)]


def test_a_forbidden_character_is_named() -> None:
    diagnostics = Diagnostics()
    read_text("a: \x07\n", "a.yaml", diagnostics)
    assert "U+0007" in diagnostics.diagnostics[0].message


def test_a_duplicate_key_has_a_path() -> None:
    diagnostics = Diagnostics()
    read_text("a: {b: [{}, {c: 1, c: 2}]}\n", "a.yaml", diagnostics)
    assert diagnostics.diagnostics[0].path == "a.b[1].c"


def test_a_merge_key_has_a_hint() -> None:
    diagnostics = Diagnostics()
    node = read_text("a: &x {b: 1}\nc: {<<: *x, d: 2}\n", "a.yaml", diagnostics)
    assert node is not None
    assert node.plain() == {"a": {"b": 1}, "c": {"d": 2}}
    assert [(diagnostic.code, diagnostic.path) for diagnostic in diagnostics.diagnostics] == [("merge-key", "c.<<")]
    assert "extends" in (diagnostics.diagnostics[0].hint or "")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n", "\ufeff"])
def test_an_empty_file_is_an_empty_mapping(text: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    node = read_file(file, "a.yaml", Diagnostics())
    assert node is not None
    assert node.plain() == {}


@pytest.mark.parametrize(
    ("content", "code", "location"),
    [
        (b"a: 1\nb: \xff\n", "not-utf8", "a.yaml:2:1"),
        ("a: 1\n".encode("utf-16"), "not-utf8", "a.yaml:1:1"),
        (b"#" * (MAX_BYTES + 1), "file-too-large", "a.yaml:1:1"),
    ],
)
def test_refused_files(content: bytes, code: str, location: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    diagnostics = Diagnostics()
    assert read_file(file, "a.yaml", diagnostics) is None
    assert [(diagnostic.code, str(diagnostic.location)) for diagnostic in diagnostics.diagnostics] == [(code, location)]


def test_a_byte_order_mark_does_not_shift_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    node = read_file(file, "a.yaml", Diagnostics())
    assert node is not None
    assert str(node.location_at("a")) == "a.yaml:1:1"


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    diagnostics = Diagnostics()
    assert read_file(tmp_path, "a.yaml", diagnostics) is None
    assert diagnostics.diagnostics[0].code == "unreadable-file"


@pytest.mark.parametrize("deep", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000, "? " * 10_000])
def test_depth_is_limited(deep: str) -> None:
    assert [code for code, _ in read(deep)[1]] == ["too-deep"]


def test_the_maximum_depth_is_accepted() -> None:
    assert read("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))[1] == []
    assert [code for code, _ in read("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)[1]] == ["too-deep"]


def test_depth_counts_aliases() -> None:
    chain = "\n".join(f"a{number}: &a{number} [*a{number - 1}]" for number in range(1, 200))
    assert [code for code, _ in read(f"a0: &a0 []\n{chain}\n")[1]] == ["too-deep"]


def test_an_alias_bomb_is_refused() -> None:
    levels = "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 10)}]" for n in range(1, 12))
    assert [code for code, _ in read(f"b0: &b0 [x, x, x, x, x, x, x, x, x, x]\n{levels}\n")[1]] == ["too-many-aliases"]


def test_many_values_without_aliases_are_fine() -> None:
    value, diagnostics = read("\n".join(f"key{number}: [1, 2, 3]" for number in range(MAX_ALIASED_NODES)))
    assert diagnostics == []
    assert len(value) == MAX_ALIASED_NODES


def test_an_alias_is_the_value_at_its_anchor() -> None:
    assert read("a: &x {b: 1}\nc: *x\n")[0] == {"a": {"b": 1}, "c": {"b": 1}}


def test_thousands_of_errors_are_each_reported_once() -> None:
    diagnostics = read("a: 1\n" * 20_000)[1]
    assert len(diagnostics) == 19_999


def test_the_python_parser_gives_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_Loader", yaml.BaseLoader)
    assert read("a: {b: [1, no]}\n") == ({"a": {"b": [1, "no"]}}, [])
    assert read("é: 1\nb: x\x07\n")[1] == [("broken-yaml", "a.yaml:2:5")]
