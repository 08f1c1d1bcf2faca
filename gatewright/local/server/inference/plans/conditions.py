"""The fields of a request that the conditions and limits of a route read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.facts.route_conditions import compare
from gatewright.local.server.core.envelope import Json


def holds(conditions: Json, metadata: Json, headers: Mapping[str, str], body: Json) -> bool:
    """Whether every comparison is true. An unknown operator is false."""
    return all(compare(value_of(name, metadata, headers, body), tests) for name, tests in conditions.items())


def value_of(name: str, metadata: Json, headers: Mapping[str, str], body: Json) -> Any:
    """The value at metadata.<key>, headers.<name> or body.<path>; None where there is none."""
    source, _, key = name.partition(".")
    match source:
        case "metadata":
            return metadata.get(key)
        case "headers":
            return headers.get(key)
        case "body":
            value: Any = body
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            return value
    return None
