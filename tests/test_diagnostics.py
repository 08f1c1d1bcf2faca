"""The nearest right spelling, and how a problem reads."""

from __future__ import annotations

import pytest

from gatewright.diagnostics import FEW, Diagnostic, Diagnostics, Location, did_you_mean, nearest


@pytest.mark.parametrize(
    ("written", "valid", "found"),
    [
        ("gatewai", ["gateway", "routes"], "gateway"),
        ("GATEWAY", ["gateway"], "gateway"),
        ("groq/llama-3.1-8", ["groq/llama-3.1-8b", "mistral/codestral"], "groq/llama-3.1-8b"),
        ("xyz", ["gateway"], None),
        ("", ["gateway"], None),
        ("a", [], None),
    ],
)
def test_nearest(written: str, valid: list[str], found: str | None) -> None:
    assert nearest(written, valid) == found


def test_few_names_are_listed_many_are_not() -> None:
    assert did_you_mean("xyz", ["b", "a"]) == "Valid: a, b"
    assert did_you_mean("xyz", [f"name-{number}" for number in range(FEW + 1)]) is None
    assert did_you_mean("xyz", []) is None


@pytest.mark.parametrize(
    ("message", "hint", "sentence"),
    [
        ("is wrong", None, "a.b: is wrong"),
        ("is wrong", "Mend it", "a.b: is wrong. Mend it"),
        ("is it?", "Mend it", "a.b: is it? Mend it"),
    ],
)
def test_sentence(message: str, hint: str | None, sentence: str) -> None:
    assert Diagnostic(Location("f", 1, 1), "a.b", "code", message, hint).sentence() == sentence


def test_a_note_fails_nothing() -> None:
    diagnostics, location = Diagnostics(), Location("f", 1, 1)
    diagnostics.note(location, "a", "code", "left out")
    diagnostics.note(location, "a", "code", "left out")
    assert not diagnostics.failed
    assert not diagnostics.failed_at(location)
    assert len(diagnostics.diagnostics) == 1
    diagnostics.error(location, "a", "code", "wrong")
    assert diagnostics.failed
    assert diagnostics.failed_at(location)
