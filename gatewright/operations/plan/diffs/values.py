"""Differences between two property maps of a resource: what all kinds share.

A kind describes the properties that it knows. Other properties are described by their names, so no change is dropped.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.facts.engine_values import SIGNATURE, UNKNOWNS
from gatewright.frozen import frozen
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright.environment.risks import Risk

    Properties = Mapping[str, Any]

ARROW = "→"
MAX_LENGTH = 80
"""Characters of a value that are shown."""
SECRET = "[secret]"  # noqa: S105  # replaces a secret


@frozen
class Difference:
    """One difference in words ("cache 5m → 1h"), and its risk if it has one.

    `path` is the setting in the environment file, relative to the resource: `logs.collect` of a gateway.
    """

    text: str
    risk: Risk | None = None
    reason: str = ""
    path: str = ""


def changed(label: str, before: str, after: str) -> Difference:
    """`cache 5m → 1h`."""
    return Difference(f"{label} {before} {ARROW} {after}")


def differing(before: Properties, after: Properties, reported: Iterable[str] = ()) -> list[str]:
    """The top-level properties that differ.

    `reported` are the paths that the plugin reports; it alone can compare secrets, which are masked here.
    """
    names = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    roots = (path.partition(".")[0].partition("[")[0] for path in reported)
    return list(dict.fromkeys((*names, *(root for root in roots if is_masked([before.get(root), after.get(root)])))))


def by_name(names: Iterable[str], before: Properties, after: Properties) -> list[Difference]:
    """Properties that are described by their names only."""
    return [_by_name(name, before, after) for name in names]


def _by_name(name: str, before: Properties, after: Properties) -> Difference:
    if name == "gatewayId" and name in before and name in after:
        return Difference("moves with its gateway")
    if name not in before:
        return Difference(f"{name} {ARROW} {shown(after[name])}")
    return changed(name, shown(before[name]), shown(after[name]) if name in after else "–")


def shown(value: Any) -> str:
    """A value on one line, cut if it is long, without secrets."""
    if is_unknown(value):
        return "known after apply"
    text = value if isinstance(value, str) and value.isprintable() else _json(value)
    text = masked(text)
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


def is_secret(value: Any) -> bool:
    """Whether the engine has masked `value`."""
    return isinstance(value, dict) and SIGNATURE in value


def is_masked(value: Any) -> bool:
    """Whether the engine has masked anything in `value`, at any depth."""
    if isinstance(value, dict):
        return is_secret(value) or any(map(is_masked, value.values()))
    return isinstance(value, list) and any(map(is_masked, value))


def is_unknown(value: Any) -> bool:
    """Whether the engine knows `value` only after apply."""
    return isinstance(value, str) and value in UNKNOWNS


def _json(value: Any) -> str:
    return SECRET if is_secret(value) else json.dumps(_without_secrets(value))


def _without_secrets(value: Any) -> Any:
    if is_secret(value):
        return SECRET
    if isinstance(value, dict):
        return {key: _without_secrets(inner) for key, inner in value.items()}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value
