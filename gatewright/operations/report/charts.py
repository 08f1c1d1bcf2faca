"""Charts of figures by day or run, as SVG without colours of its own: the style sheet of the pages colours it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import leather  # type: ignore[import-untyped]
from leather.axis import Axis  # type: ignore[import-untyped]

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 400, 150
_SIZE = f'<svg width="{WIDTH}" height="{HEIGHT}"'
_LOOK = re.compile(r' (?:fill|stroke|stroke-width|font-family|font-size)="(?!currentColor)[^"]*"')
_FRACTION = re.compile(r'(?<==")(-?\d+)\.(\d)\d*(?=")')
_BACKGROUND = re.compile(r'<rect x="0" y="0"[^>]*/>')


@frozen
class Chart:
    """A chart and what it says in words. `svg` is markup without any text from outside but the labels, escaped."""

    title: str
    summary: str
    svg: str


def column_chart(
    title: str,
    points: Sequence[tuple[str, float]],
    summary: str,
    number: Callable[[float], str] = "{:,.0f}".format,
    highest: float | None = None,
) -> Chart:
    """A column for each label, of which the first and the last are shown. `highest`: the end of the axis."""
    chart = leather.Chart()
    top = highest or max((value for _, value in points), default=0) or 1
    ticks = [0, top] if top % 2 == 1 else [0, top / 2, top]
    labels = [label for label, _ in points]
    chart.add_columns([*points], fill_color="currentColor")
    chart.add_y_scale(0, top)
    chart.set_y_axis(Axis(ticks=ticks, tick_formatter=lambda value, _, __: number(value)))
    chart.set_x_axis(Axis(ticks=[labels[0], *labels[-1:]] if len(labels) > 1 else labels))
    return Chart(title, summary, _svg(chart.to_svg(width=WIDTH, height=HEIGHT)))


def _svg(text: str) -> str:
    """The chart as part of a page: it scales, is hidden from screen readers, and has no background."""
    text = _LOOK.sub("", _BACKGROUND.sub("", text, count=1))
    return _FRACTION.sub(r"\1.\2", text).replace(
        _SIZE, f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true"'
    )
