"""The conditions of a route: {"metadata.plan": {"$eq": "paid"}}, all of which have to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatewright.local.server.core.envelope import Json


def holds(conditions: Json, metadata: Json, headers: Mapping[str, str], body: Json) -> bool:
    """Whether every comparison is true; one with an unknown operator never is."""
    return all(
        operator in OPERATORS and OPERATORS[operator](value_of(name, metadata, headers, body), wanted)
        for name, comparisons in conditions.items()
        for operator, wanted in (comparisons if isinstance(comparisons, dict) else {"$eq": comparisons}).items()
    )


def value_of(name: str, metadata: Json, headers: Mapping[str, str], body: Json) -> Any:
    """The value at metadata.<key>, headers.<name> or body.<path>; None where there is none."""
    place, _, key = name.partition(".")
    match place:
        case "metadata":
            return metadata.get(key)
        case "headers":
            return headers.get(key)
        case "body":
            found: Any = body
            for part in key.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            return found
    return None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _ordered(value: Any, wanted: Any, compare: Callable[[float, float], bool]) -> bool:
    left, right = _number(value), _number(wanted)
    return left is not None and right is not None and compare(left, right)


def _contains(value: Any, wanted: Any) -> bool:
    return str(wanted) in value if isinstance(value, str) else isinstance(value, list) and wanted in value


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: bool(value == wanted),
    "$neq": lambda value, wanted: bool(value != wanted),
    "$gt": lambda value, wanted: _ordered(value, wanted, lambda left, right: left > right),
    "$lt": lambda value, wanted: _ordered(value, wanted, lambda left, right: left < right),
    "$in": lambda value, wanted: isinstance(wanted, list) and value in wanted,
    "$contains": _contains,
}
