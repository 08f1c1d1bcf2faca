"""diff: the effective settings of two environments that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.operations.explain import SECTION_DEFAULTS, Explanation, explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node


@frozen
class Difference:
    """A setting with another value in each environment. None where the environment cannot have it: a name that it does
    not declare."""

    keys: tuple[str, ...]
    left: Explanation | None
    right: Explanation | None

    @property
    def path(self) -> str:
        """The setting as `explain` names it: gateway.cache.ttl."""
        return ".".join(self.keys)


def compare(left: Loaded, right: Loaded, within: str = "") -> list[Difference]:
    """The settings that differ, in the order of the files. A setting that is absent has its default.

    `within`: a setting; only it and the settings below it are compared, or the one around it that differs as a whole.

    Raises:
        UsageError: neither environment has `within`.
        InvalidEnvironmentError: a file cannot be read.
    """
    if within and explain_if_declared(left, within) is None:
        explain(right, within)
    differences = _differences(left, right, left.root, right.root, ())
    return [difference for difference in differences if _is_within(difference.path, within)]


def _differences(
    left: Loaded, right: Loaded, left_node: Node | None, right_node: Node | None, keys: tuple[str, ...]
) -> Iterator[Difference]:
    """The outermost settings that differ; of a section that only one file has, those that are not at their default."""
    nodes = left_node, right_node
    if all(node and node.entries for node in nodes):
        yield from _below(left, right, *nodes, keys)
        return
    if (left_node and left_node.plain()) == (right_node and right_node.plain()):
        return
    path = ".".join(keys)
    values = explain_if_declared(left, path), explain_if_declared(right, path)
    if any(value and value.value == SECTION_DEFAULTS for value in values):
        yield from _below(left, right, *nodes, keys)
    elif len({value and value.value for value in values}) > 1:
        yield Difference(keys, *values)


def _below(
    left: Loaded, right: Loaded, left_node: Node | None, right_node: Node | None, keys: tuple[str, ...]
) -> Iterator[Difference]:
    for key in {key: None for node in (left_node, right_node) if node for key in node.entries}:
        left_below, right_below = (node.at(key) if node else None for node in (left_node, right_node))
        yield from _differences(left, right, left_below, right_below, (*keys, key))


def _is_within(path: str, within: str) -> bool:
    return not within or f"{path}.".startswith(f"{within}.") or within.startswith(f"{path}.")


def explain_if_declared(loaded: Loaded, path: str) -> Explanation | None:
    """The value at `path`; None where the environment does not declare the name.

    Raises:
        InvalidEnvironmentError: the files cannot be read.
    """
    try:
        return explain(loaded, path)
    except UsageError:
        return None
