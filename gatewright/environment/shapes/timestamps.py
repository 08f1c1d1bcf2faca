"""Shapes of timestamps, to the second and in UTC, as Cloudflare stores them, and of dates."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

_DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = r"T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_MIDNIGHT = "T00:00:00Z"


@frozen
class Timestamp:
    """An RFC 3339 timestamp in UTC, or a date for its midnight.

    Read as a full timestamp, `2026-12-01T00:00:00Z`: comparing texts compares times.
    """

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        text = node.value
        if isinstance(text, str) and re.fullmatch(f"{_DATE}({_TIME})?", text) and _exists(text):
            return text if text.endswith("Z") else f"{text}{_MIDNIGHT}"
        message = "expected a date or an RFC 3339 timestamp, for example 2026-12-01 or 2026-12-01T00:00:00Z"
        diagnostics.error(node.location, path, "bad-form", message)
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_DATE}({_TIME})?$", "examples": ["2026-12-01T00:00:00Z", "2026-12-01"]}


@frozen
class Date:
    """A date: 2026-12-31."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        text = node.value
        if isinstance(text, str) and re.fullmatch(_DATE, text) and _exists(text):
            return text
        diagnostics.error(node.location, path, "bad-form", "expected a date, for example 2026-12-31")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_DATE}$", "examples": ["2026-12-31"]}


def _exists(text: str) -> bool:
    """Whether the calendar has that date and the day that time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
