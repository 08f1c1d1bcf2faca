"""The settings in which environments differ, for all of them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.operations.compare import compare, explain_if_declared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.environment.load import Loaded

MOST_COLUMNS = 5
"""With more environments the values of a setting are listed with the environments that have them."""

LONGEST = 160
"""Characters of a value: a section that only one environment has can be a whole catalog."""


@frozen
class DifferingSetting:
    """A setting with its value in each environment, "–" where the environment does not declare it."""

    path: str
    values: Mapping[str, str]

    @property
    def groups(self) -> list[tuple[str, list[str]]]:
        """Each value with the environments that have it, the most common first."""
        names: dict[str, list[str]] = {}
        for name, value in self.values.items():
            names.setdefault(value, []).append(name)
        return sorted(names.items(), key=lambda item: -len(item[1]))


def differing_settings(environments: Sequence[Loaded]) -> list[DifferingSetting]:
    """The outermost settings in which at least two of the environments differ; those that cannot be read are left
    out."""
    readable = [loaded for loaded in environments if loaded.root is not None]
    paths = {
        difference.keys: difference.path
        for other in readable[1:]
        for difference in compare(readable[0], other)
        if difference.path
    }
    outermost = [path for keys, path in paths.items() if not any(keys[:end] in paths for end in range(1, len(keys)))]
    return [DifferingSetting(path, {loaded.name: _value(loaded, path) for loaded in readable}) for path in outermost]


def _value(loaded: Loaded, path: str) -> str:
    explanation = explain_if_declared(loaded, path)
    value = explanation.value if explanation else "–"
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
