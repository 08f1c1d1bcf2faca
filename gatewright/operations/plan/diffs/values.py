"""What differs between two property maps of one resource, in words: the common part of all kinds.

A kind that has words of its own covers the properties that it knows; what nobody covers is said by its own name, so
that no change is ever dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.facts.engine_values import SIGNATURE, UNKNOWNS
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.environment.risks import Risk

    Properties = Mapping[str, Any]

ARROW = "→"
LONGEST = 80
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference in words ("cache 5m → 1h"); `risk` where it is to be looked at twice, and `reason` says why.

    `path` is the setting in the environment file, below the thing itself: `logs.collect` of a gateway.
    """

    words: str
    risk: Risk | None = None
    reason: str = ""
    path: str = ""


def changed(label: str, old: str, new: str, risk: Risk | None = None, reason: str = "") -> Difference:
    """`cache 5m → 1h`."""
    return Difference(f"{label} {old} {ARROW} {new}", risk, reason)


def differing(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[str]:
    """The top-level properties that differ; `told` are those that the plugin names, which alone knows it of secrets."""
    known = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    masked_ones = [name for path in told if is_masked([new.get(name := _root(path)), old.get(name)])]
    return list(dict.fromkeys((*known, *masked_ones)))


def by_name(names: Iterable[str], old: Properties, new: Properties) -> list[Difference]:
    """Properties without words of their own, by their names."""
    return [_by_name(name, old, new) for name in names]


def _by_name(name: str, old: Properties, new: Properties) -> Difference:
    if name == "gatewayId" and name in old and name in new:
        return Difference("goes with its gateway")
    if name not in new:
        return Difference(f"{name} {shown(old[name])} {ARROW} –")
    said = shown(new[name])
    return changed(name, shown(old[name]), said) if name in old else Difference(f"{name} {ARROW} {said}")


def shown(value: Any) -> str:
    """A value on one line: secrets masked, what is not known yet said so, what is long cut."""
    if is_secret(value):
        return "[secret]"
    if isinstance(value, str) and value in UNKNOWNS:
        return "known once made"
    text = value if isinstance(value, str) and value.isprintable() else json.dumps(_without_secrets(value))
    text = masked(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_secret(value: Any) -> bool:
    """Whether the engine has masked `value`."""
    return isinstance(value, dict) and SIGNATURE in value


def is_masked(value: Any) -> bool:
    """Whether the engine has masked anything in `value`, at any depth."""
    if isinstance(value, dict):
        return SIGNATURE in value or any(map(is_masked, value.values()))
    return isinstance(value, list) and any(map(is_masked, value))


def is_unknown(value: Any) -> bool:
    """Whether `value` is known only once something else is made."""
    return isinstance(value, str) and value in UNKNOWNS


def _without_secrets(value: Any) -> Any:
    if is_secret(value):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _without_secrets(inner) for key, inner in value.items()}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def _root(path: str) -> str:
    """`elements` of the path elements.start.outputs."""
    return path.partition(".")[0].partition("[")[0]
