"""Timestamps and dates: what is accepted, and the value that is read."""

from __future__ import annotations

import re

import pytest

from gatewright.diagnostics import Diagnostics, Location
from gatewright.environment.nodes import Node
from gatewright.environment.shapes.timestamps import Date, Timestamp

LOCATION = Location("a.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("2026-12-01T12:30:00Z", "2026-12-01T12:30:00Z"),
        ("2026-12-01", "2026-12-01T00:00:00Z"),
        ("2028-02-29", "2028-02-29T00:00:00Z"),
    ],
)
def test_a_timestamp_is_read_in_full(text: str, timestamp: str) -> None:
    diagnostics = Diagnostics()
    assert Timestamp().read(Node(text, LOCATION, text), "a", diagnostics) == timestamp
    assert diagnostics.diagnostics == ()
    assert re.search(Timestamp().schema()["pattern"], text)


@pytest.mark.parametrize(
    "text",
    ["2026-13-01", "2027-02-29", "2026-12-01T25:00:00Z", "2026-12-01T00:00:00+01:00", "2026-12-1", "20261201", ""],
)
def test_not_a_timestamp(text: str) -> None:
    diagnostics = Diagnostics()
    assert Timestamp().read(Node(text, LOCATION, text), "a", diagnostics) is None
    assert [diagnostic.sentence() for diagnostic in diagnostics.diagnostics] == [
        "a: expected a date or an RFC 3339 timestamp, for example 2026-12-01 or 2026-12-01T00:00:00Z"
    ]


@pytest.mark.parametrize(
    ("text", "is_valid"), [("2026-12-31", True), ("2026-02-30", False), ("2026-12-31T00:00:00Z", False)]
)
def test_a_date_has_no_time(text: str, is_valid: bool) -> None:
    diagnostics = Diagnostics()
    assert Date().read(Node(text, LOCATION, text), "a", diagnostics) == (text if is_valid else None)
    assert diagnostics.failed is not is_valid
