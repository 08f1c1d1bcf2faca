"""Moments: `2026-12-01T00:00:00Z`, to the second and always UTC, as Cloudflare takes them; and days of the calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

_FORM = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_EXAMPLE = "2026-12-01T00:00:00Z"
_DAY = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_DAY_EXAMPLE = "2026-12-31"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that the calendar has; read as it was written, so that texts compare as moments do."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        text = node.value
        if isinstance(text, str) and re.fullmatch(_FORM, text) and _is_real(text):
            return text
        diagnostics.error(node.location, path, "bad-form", f"is not a moment like {_EXAMPLE}")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": _FORM, "examples": [_EXAMPLE]}


@dataclass(frozen=True, slots=True)
class Day:
    """A day that the calendar has: 2026-12-31."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | None:
        text = node.value
        if isinstance(text, str) and re.fullmatch(_DAY, text) and _is_real(text):
            return text
        diagnostics.error(node.location, path, "bad-form", f"is not a day like {_DAY_EXAMPLE}")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": _DAY, "examples": [_DAY_EXAMPLE]}


def _is_real(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
