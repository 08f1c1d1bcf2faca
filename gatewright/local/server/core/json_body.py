"""JSON from a client, which may be anything."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: bytes) -> Any:
    """Parse a JSON text.

    Raises ValueError, also for NaN, 1e999, lone surrogates, and nesting too deep for Python.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
