"""Amounts of money, shares, latencies and counts for people: one rule each for all reports."""

from __future__ import annotations

import math

NONE = "–"
"""In place of a figure that is not known."""


def usd(value: float) -> str:
    """0.00, 1,234.50; below 0.10 two digits that are not 0: 0.034, 0.00012. Without the unit."""
    if not value or value >= 0.0995:
        return f"{value:,.2f}"
    if value < 0.000001:
        return "<0.000001"
    return f"{value:.{1 - math.floor(math.log10(value))}f}".rstrip("0")


def percent(share: float) -> str:
    """0%, <0.1%, 62.2%, >99.9%, 100%: nothing and all are exact."""
    if share in (0, 1):
        return f"{share:.0%}"
    if share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share * 100:.1f}".removesuffix(".0") + "%"


def seconds(value: float | None) -> str:
    """212 ms, 1.9 s; NONE for None."""
    if value is None:
        return NONE
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:,.1f} s"


def amount(value: float) -> str:
    """9,999, 12.3k, 1.2M."""
    for least, size, unit in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if value >= least:
            return f"{value / size:,.1f}{unit}"
    return f"{value:,.0f}"
