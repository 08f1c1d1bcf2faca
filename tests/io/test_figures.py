"""Figures for people: money, shares, latencies, counts."""

from __future__ import annotations

import pytest

from gatewright.io.figures import amount, percent, seconds, usd


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00"),
        (1_234.5, "1,234.50"),
        (0.5, "0.50"),
        (0.0996, "0.10"),
        (0.0342, "0.034"),
        (0.00004, "0.00004"),
        (0.000012, "0.000012"),
        (0.0000001, "<0.000001"),
    ],
)
def test_money_never_rounds_to_nothing(value: float, text: str) -> None:
    assert usd(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.0001, "<0.1%"), (0.622, "62.2%"), (0.8, "80%"), (0.9999, ">99.9%"), (1, "100%"), (1.3, "130%")],
)
def test_only_all_is_100_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.003, "3 ms"), (0.9996, "1.0 s"), (1.94, "1.9 s"), (4_000, "4,000.0 s")]
)
def test_latencies(value: float | None, text: str) -> None:
    assert seconds(value) == text


def test_counts() -> None:
    assert [amount(value) for value in (9_999, 12_345, 2.5e6, 3e9)] == ["9,999", "12.3k", "2.5M", "3.0G"]
