"""The conditions of a route, {"metadata.plan": {"$eq": "paid"}}, which all have to hold.

Source: the operators of Cloudflare's documentation of dynamic routing, 2026. Guess: a field that a request does not
have is equal to nothing, and an unknown operator is false.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

METADATA = "metadata."
"""Begins the fields that are entries of cf-aig-metadata."""


def compare(value: Any, tests: Any) -> bool:
    """Whether all comparisons of one field are true: {"$eq": "paid"}, or the value that it must have."""
    comparisons = tests if isinstance(tests, Mapping) else {"$eq": tests}
    return all(name in OPERATORS and OPERATORS[name](value, expected) for name, expected in comparisons.items())


def holds(
    conditions: Mapping[str, Any], metadata: Mapping[str, Any], headers: Mapping[str, str], body: Mapping[str, Any]
) -> bool:
    """Whether every comparison is true for a request."""
    return all(compare(value_of(name, metadata, headers, body), tests) for name, tests in conditions.items())


def value_of(name: str, metadata: Mapping[str, Any], headers: Mapping[str, str], body: Mapping[str, Any]) -> Any:
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
                value = value.get(part) if isinstance(value, Mapping) else None
            return value
    return None


def outcome(conditions: Mapping[str, Any], metadata: Mapping[str, Any], unknown: Collection[str]) -> bool | None:
    """Whether the conditions hold for all requests with this metadata, or for none; None if that depends.

    `unknown`: the keys whose values are not known. Headers and bodies are never known.
    """
    results = [
        compare(metadata.get(field.removeprefix(METADATA)), tests)
        if field.startswith(METADATA) and field.removeprefix(METADATA) not in unknown
        else None
        for field, tests in conditions.items()
    ]
    return False if False in results else None if None in results else True


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _ordered(value: Any, expected: Any, is_ordered: Callable[[float, float], bool]) -> bool:
    left, right = _number(value), _number(expected)
    return left is not None and right is not None and is_ordered(left, right)


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
