"""Keys in users' own files: references in each client's syntax, and everything else, whose value is never kept."""

from __future__ import annotations

import pytest

from gatewright.clients.common.own_keys import KeySource, read_key, read_key_header
from gatewright.diagnostics import Location
from gatewright.environment.nodes import Entry, Node, Scalar

HERE = Location("openclaw.json", 2, 3)


def node(value: Scalar | dict[str, str]) -> Node:
    if isinstance(value, dict):
        return Node({name: Entry(HERE, Node(text, HERE)) for name, text in value.items()}, HERE)
    return Node(value, HERE)


@pytest.mark.parametrize(
    "text",
    [
        "${GROQ_KEY}",
        "$GROQ_KEY",
        "{env:GROQ_KEY}",
        "os.environ/GROQ_KEY",
        "${{ secrets.GROQ_KEY }}",
        "${{secrets.GROQ_KEY}}",
        "GROQ_KEY",
        "Bearer ${GROQ_KEY}",
        " ${GROQ_KEY} ",
    ],
)
def test_a_reference_keeps_its_variable(text: str) -> None:
    key = read_key(node(text), "apiKey")
    assert key is not None
    assert (key.source, key.variable, key.location) == (KeySource.VARIABLE, "GROQ_KEY", HERE)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("gsk_FAKEFAKEFAKEFAKE", KeySource.CLEAR_TEXT),
        ("FAKE", KeySource.CLEAR_TEXT),
        ("FAKE-${GROQ_KEY}", KeySource.CLEAR_TEXT),
        ("Bearer FAKE", KeySource.CLEAR_TEXT),
        ("${groq_key}", KeySource.OTHER_VARIABLE),
        ("!pass show FAKE", KeySource.COMMAND),
        ("{file:~/.fake}", KeySource.FILE),
        ({"source": "exec", "provider": "default", "id": "FAKE"}, KeySource.COMMAND),
        ({"source": "file", "provider": "default", "id": "FAKE"}, KeySource.FILE),
        ({"source": "store", "provider": "default", "id": "FAKE"}, KeySource.STORE),
    ],
)
def test_any_other_key_names_no_variable_and_keeps_no_value(value: str | dict[str, str], source: KeySource) -> None:
    key = read_key(node(value), "apiKey")
    assert key is not None
    assert (key.source, key.variable) == (source, None)
    assert "FAKE" not in repr(key)


def test_openclaw_refers_to_a_variable_by_a_mapping() -> None:
    key = read_key(node({"source": "env", "provider": "default", "id": "GROQ_KEY"}), "apiKey")
    assert key is not None
    assert key.variable == "GROQ_KEY"


@pytest.mark.parametrize("value", [None, "", "  ", 7, True, {"id": "GROQ_KEY"}])
def test_without_a_text_there_is_no_key(value: Scalar | dict[str, str]) -> None:
    assert read_key(node(value), "apiKey") is None


@pytest.mark.parametrize("name", ["Authorization", "authorization", "x-api-key", "api-key", "x-goog-api-key"])
def test_a_header_holds_the_key(name: str) -> None:
    key = read_key_header(node({"X-Title": "mine", name: "Bearer ${GROQ_KEY}"}), "headers")
    assert key is not None
    assert (key.variable, key.path) == ("GROQ_KEY", f"headers.{name}")


def test_other_headers_hold_none() -> None:
    assert read_key_header(node({"X-Title": "mine"}), "headers") is None
    assert read_key_header(None, "headers") is None
