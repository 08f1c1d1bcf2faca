"""Charts: columns without colours of their own, labels at both ends, and the same scale for all."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from gatewright.operations.report.charts import column_chart

DAYS = [(f"2026-11-{day:02}", float(day % 7)) for day in range(1, 31)]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]  # noqa: S314


def test_a_column_for_each_day_and_labels_at_the_ends() -> None:
    svg = column_chart("Requests", DAYS, "").svg
    assert svg.count("<rect") == 30
    assert texts(svg) == ["2026-11-01", "2026-11-30", "3", "6", "0"]
    assert len(svg) < 5_000


def test_colours_and_fonts_are_those_of_the_page() -> None:
    svg = column_chart("Requests", DAYS, "").svg
    assert "font-family" not in svg
    assert "#" not in svg


@pytest.mark.parametrize("points", [[("2026-11-01", 0.0)], [("2026-11-01", 0.0), ("2026-11-02", 0.0)]])
def test_days_without_anything(points: list[tuple[str, float]]) -> None:
    assert texts(column_chart("Requests", points, "").svg)[0] == "2026-11-01"


def test_a_label_with_markup_is_escaped() -> None:
    assert "<b>" not in column_chart("", [("<b>", 1.0)], "").svg
