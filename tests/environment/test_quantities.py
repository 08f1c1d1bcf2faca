"""Durations and quantities: one grammar, whole and in ASCII."""

from __future__ import annotations

import re

import pytest

from gatewright.environment.quantities import DURATION_PATTERN, QUANTITY_PATTERN, parse_duration, parse_quantity


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("500ms", 500), ("5s", 5_000), ("5m", 300_000), ("2h", 7_200_000), ("30d", 2_592_000_000), ("0s", 0)],
)
def test_durations(text: str, milliseconds: int) -> None:
    duration = parse_duration(text)
    assert duration is not None
    assert duration.milliseconds == milliseconds
    assert str(duration) == text


@pytest.mark.parametrize("text", ["5", "m", "5 m", "1.5h", "-5m", "5M", "5m\n", "٣m", "5w", "", "9" * 5000 + "d"])
def test_no_durations(text: str) -> None:
    assert parse_duration(text) is None
    assert re.fullmatch(DURATION_PATTERN, text) is None


@pytest.mark.parametrize(
    ("text", "amount", "unit", "period"),
    [
        ("40 requests/minute", 40, "requests", 60),
        ("1 request/second", 1, "requests", 1),
        ("600 requests/5 minutes", 600, "requests", 300),
        ("1000000000 tokens/month", 1_000_000_000, "tokens", 2_592_000),
        ("1_000 tokens/week", 1_000, "tokens", 604_800),
        ("10000 neurons/day", 10_000, "neurons", 86_400),
        ("5 USD/day", 5, "USD", 86_400),
        ("0.5 USD/hour", 0.5, "USD", 3_600),
        ("5USD/day", 5, "USD", 86_400),
    ],
)
def test_quantities(text: str, amount: float, unit: str, period: int) -> None:
    quantity = parse_quantity(text)
    assert quantity is not None
    assert (quantity.amount, quantity.unit, quantity.period, str(quantity)) == (amount, unit, period, text)


@pytest.mark.parametrize(
    "text",
    [
        "40",
        "40 requests",
        "40 requests per minute",
        "40 pages/minute",
        "40 requests/fortnight",
        "40 requests/0 minutes",
        "-1 requests/minute",
        "5 usd/day",
        "5 USDs/day",
        "40 requests/minute\n",
        "٤ requests/minute",
        "9" * 400 + " requests/minute",
        "",
    ],
)
def test_no_quantities(text: str) -> None:
    assert parse_quantity(text) is None
    assert re.fullmatch(QUANTITY_PATTERN, text) is None
