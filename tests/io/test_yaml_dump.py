"""YAML for people: what is quoted, and what stays on one line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatewright.environment.reader import resolve
from gatewright.io.yaml_dump import dump_yaml


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"a": {"b": [1, "x"], "c": {"d": True}}, "e": None}, "a:\n  b: [1, x]\n  c: {d: true}\ne: null\n"),
        ({"a": {"baseUrl": "https://example.com/v1"}}, "a: {baseUrl: https://example.com/v1}\n"),
        ({"a": {"primary": "own:zen/big"}}, "a: {primary: own:zen/big}\n"),
        ({"a": {"split": {"10%": "a/b"}}}, "a:\n  split: {10%: a/b}\n"),
        ({"a": "b: c"}, "{a: 'b: c'}\n"),
        ({"a": "b:c,d"}, "{a: 'b:c,d'}\n"),
        *(({"a": text}, f"{{a: '{text}'}}\n") for text in ("yes", "1e3", "0o17", "0x1f", "2026-01-01", "12:30", "~")),
    ],
)
def test_text(data: Any, text: str) -> None:
    assert dump_yaml(data) == text


@given(st.lists(st.text("ab1e0ox.:/%-+#,{}[]'\"~ \u00e9"), max_size=6))
def test_strings_stay_strings_in_yaml_1_1_and_1_2(texts: list[str]) -> None:
    text = dump_yaml({"texts": texts})
    assert yaml.safe_load(text) == {"texts": texts}
    scalars = [event for event in yaml.parse(text, Loader=yaml.BaseLoader) if isinstance(event, yaml.ScalarEvent)]
    assert [resolve(event.value) for event in scalars if not event.style] == [
        event.value for event in scalars if not event.style
    ]
