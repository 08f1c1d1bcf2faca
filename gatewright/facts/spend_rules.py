"""Which requests a rule of a gateway's spend limits counts, and under which budget.

Guesses: requests without a partition's key share one budget; a rule's `model` is the bare name or <provider>/<name>.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Rule = Mapping[str, Any]


def active_rules(spend_limits: Rule | None) -> list[dict[str, Any]]:
    """The enabled rules of a gateway's `spend_limits`."""
    if not spend_limits or not spend_limits.get("enabled", False):
        return []
    return [rule for rule in spend_limits.get("rules", []) if rule.get("enabled", True)]


def matches(rule: Rule, provider: str, model: str, metadata: Mapping[str, Any]) -> bool:
    """Whether a rule counts a call to a model."""
    return (
        _allows(rule.get("provider"), {provider})
        and _allows(rule.get("model"), {model, f"{provider}/{model}"})
        and all(_allows(dimension, _texts(metadata.get(key))) for key, dimension in _metadata(rule))
    )


def metadata_keys(rule: Rule) -> list[str]:
    """The keys of the metadata that a rule reads."""
    return [key for key, _ in _metadata(rule)]


def partition(rule: Rule, metadata: Mapping[str, Any]) -> str:
    """The key of the request's budget among those of a rule: one for each value of the metadata that partition it."""
    keys = [key for key, dimension in _metadata(rule) if dimension["mode"] == "partition"]
    return json.dumps([[key, metadata.get(key)] for key in keys])


def _metadata(rule: Rule) -> Iterator[tuple[str, Rule]]:
    yield from (rule.get("metadata") or {}).items()


def _allows(dimension: Rule | None, values: set[str]) -> bool:
    """Whether a filter matches one of the values; a dimension that is not a filter matches all."""
    return dimension is None or dimension["mode"] != "filter" or not values.isdisjoint(dimension["values"])


def _texts(value: object) -> set[str]:
    """A metadata value in the form of a rule's values: true, 5, paid; empty where there is none."""
    return set() if value is None else {value if isinstance(value, str) else json.dumps(value)}
