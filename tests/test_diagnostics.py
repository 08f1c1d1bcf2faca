"""Diagnostics: the nearest valid name, and the sentence."""

from __future__ import annotations

import pytest

from gatewright.diagnostics import MAX_LISTED, Diagnostic, Diagnostics, Location, did_you_mean, nearest


@pytest.mark.parametrize(
    ("written", "valid", "expected"),
    [
        ("gatewai", ["gateway", "routes"], "gateway"),
        ("GATEWAY", ["gateway"], "gateway"),
        ("groq/llama-3.1-8", ["groq/llama-3.1-8b", "mistral/codestral"], "groq/llama-3.1-8b"),
        ("xyz", ["gateway"], None),
        ("", ["gateway"], None),
        ("a", [], None),
    ],
)
def test_nearest(written: str, valid: list[str], expected: str | None) -> None:
    assert nearest(written, valid) == expected


def test_only_a_few_valid_names_are_listed() -> None:
    assert did_you_mean("xyz", ["b", "a"]) == "Valid: a, b"
    assert did_you_mean("xyz", [f"name-{number}" for number in range(MAX_LISTED + 1)]) is None
    assert did_you_mean("xyz", []) is None


@pytest.mark.parametrize(
    ("message", "hint", "sentence"),
    [
        ("is wrong", None, "a.b: is wrong"),
        ("is wrong", "Fix it", "a.b: is wrong. Fix it"),
        ("is it?", "Fix it", "a.b: is it? Fix it"),
    ],
)
def test_sentence(message: str, hint: str | None, sentence: str) -> None:
    assert Diagnostic(Location("f", 1, 1), "a.b", "code", message, hint).sentence() == sentence


def test_a_note_is_not_an_error() -> None:
    diagnostics, location = Diagnostics(), Location("f", 1, 1)
    diagnostics.note(location, "a", "code", "left out")
    diagnostics.note(location, "a", "code", "left out")
    assert not diagnostics.failed
    assert not diagnostics.failed_at(location)
    assert len(diagnostics.diagnostics) == 1
    diagnostics.error(location, "a", "code", "wrong")
    assert diagnostics.failed
    assert diagnostics.failed_at(location)
