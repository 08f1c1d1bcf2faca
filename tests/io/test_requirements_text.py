"""The pinned version and the digests in requirements.txt."""

from __future__ import annotations

import pytest

from gatewright.io.requirements_text import pinned_version, recorded_digests, with_version


def test_a_new_text_is_read_back() -> None:
    text = with_version("", "1.2.3", {"b": "bbb", "a/c d.yml": "aaa"})
    assert text == "gatewright==1.2.3\n# as written by gatewright 1.2.3: a/c d.yml aaa, b bbb\n"
    assert pinned_version(text) == "1.2.3"
    assert recorded_digests(text) == {"a/c d.yml": "aaa", "b": "bbb"}


def test_the_users_own_lines_stay() -> None:
    mine, pin = "# mine\nhttpx==0.28.1\n", "gatewright == {} ; python_version > '3'\n"
    text = f"{mine}{pin.format('0.9.0')}# as written by gatewright 0.9.0: a 1\nlast"
    expected = f"{mine}{pin.format('1.0.0')}last\n# as written by gatewright 1.0.0: a 2\n"
    assert with_version(text, "1.0.0", {"a": "2"}) == expected


@pytest.mark.parametrize("text", ["", "gatewright\n", "gatewright>=0.1\n", "my-gatewright==1.0\n"])
def test_a_text_that_pins_nothing(text: str) -> None:
    assert pinned_version(text) is None
    assert recorded_digests(text) == {}


def test_another_requirement_is_kept() -> None:
    assert with_version("gatewright>=0.1\n", "1.0.0", {}).startswith("gatewright>=0.1\n")
