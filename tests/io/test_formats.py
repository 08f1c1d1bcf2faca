"""Any content that is written in a format is read back unchanged."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.io.formats import parse, serialize

_texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\u2028\u2029\ufeff\x85"))
_names = st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True)
_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts.filter(bool), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("path", ["a.json", "a/b.yaml", ".x.yml", "a.config.toml"])
@given(content=st.dictionaries(_texts.filter(bool), _values, max_size=4))
def test_content_survives_a_round_trip(path: str, content: dict[str, Any]) -> None:
    text = serialize(path, content)
    assert parse(path, text) == content
    assert text == "" or text.endswith("\n")


@given(content=st.dictionaries(_names, _texts, max_size=4))
def test_variables_survive_a_round_trip(content: dict[str, str]) -> None:
    assert parse("x/.env", serialize("x/.env", content)) == content


@given(content=st.dictionaries(_names, _texts, max_size=4))
def test_lines_for_a_shell_survive_a_round_trip(content: dict[str, str]) -> None:
    assert parse("x.sh", serialize("x.sh", content)) == content


def test_a_shell_substitutes_references_only(tmp_path: Path) -> None:
    content = {"A": '${X} $X `id` $(id) "quoted" \\ !! ~ *', "B": "first\nsecond: ${X}", "C": ""}
    (tmp_path / "x.sh").write_text(serialize("x.sh", content), encoding="utf-8")
    command = ["sh", "-c", '. "$0" && printf "%s|" "$A" "$B" "$C"', str(tmp_path / "x.sh")]
    result = subprocess.run(command, env={"X": "$(x)"}, capture_output=True, text=True, check=True)
    assert result.stdout == '$(x) $X `id` $(id) "quoted" \\ !! ~ *|first\nsecond: $(x)||'


def test_only_values_that_need_quotes_are_quoted() -> None:
    content = {"OPENAI_API_KEY": "${CLOUDFLARE_AI_GATEWAY_TOKEN}", "NAME": 'a "b"'}
    assert serialize(".env", content) == 'OPENAI_API_KEY=${CLOUDFLARE_AI_GATEWAY_TOKEN}\nNAME="a \\"b\\""\n'
