"""The conditions of a route, {"metadata.plan": {"$eq": "paid"}}, which all have to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gatewright.local.server.core.envelope import Json


def holds(conditions: Json, metadata: Json, headers: Mapping[str, str], body: Json) -> bool:
    """Whether every comparison is true. An unknown operator is false."""
    return all(
        operator in OPERATORS and OPERATORS[operator](value_of(name, metadata, headers, body), expected)
        for name, comparisons in conditions.items()
        for operator, expected in (comparisons if isinstance(comparisons, dict) else {"$eq": comparisons}).items()
    )


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


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _ordered(value: Any, expected: Any, compare: Callable[[float, float], bool]) -> bool:
    left, right = _number(value), _number(expected)
    return left is not None and right is not None and compare(left, right)


def _contains(value: Any, expected: Any) -> bool:
    return str(expected) in value if isinstance(value, str) else isinstance(value, list) and expected in value


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, expected: bool(value == expected),
    "$neq": lambda value, expected: bool(value != expected),
    "$gt": lambda value, expected: _ordered(value, expected, lambda left, right: left > right),
    "$lt": lambda value, expected: _ordered(value, expected, lambda left, right: left < right),
    "$in": lambda value, expected: isinstance(expected, list) and value in expected,
    "$contains": _contains,
}
