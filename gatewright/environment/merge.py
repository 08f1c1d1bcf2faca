"""Lays one file over another: mappings merge by key, everything else is whole, null removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.nodes import Entry, Node
from gatewright.environment.sections import Section, settings_of
from gatewright.environment.shapes import TableOf, join

if TYPE_CHECKING:
    from gatewright.environment.problems import Report
    from gatewright.environment.shapes import Shape


def overlay(base: Node, top: Node, shape: Shape | None, path: str, report: Report) -> Node:
    """`top` laid over `base`; neither is changed. What is replaced stays reachable through `instead_of`."""
    if not _merges(shape) or not isinstance(base.value, dict) or not isinstance(top.value, dict):
        return Node(top.value, top.place, top.text, instead_of=base)
    merged = dict(base.value)
    for key, entry in top.value.items():
        inner = join(path, key)
        below = base.value.get(key)
        if entry.node.value is None:
            if merged.pop(key, None) is None:
                report.error(
                    entry.node.place, inner, "nothing-there", "null removes what an extended file has; none has this"
                )
        elif below is None:
            merged[key] = entry
        else:
            merged[key] = Entry(entry.key_place, overlay(below.node, entry.node, _inner(shape, key), inner, report))
    return Node(merged, top.place)


def _merges(shape: Shape | None) -> bool:
    return isinstance(shape, TableOf) or (isinstance(shape, Section) and not shape.whole)


def _inner(shape: Shape | None, key: str) -> Shape | None:
    if isinstance(shape, TableOf):
        return shape.item
    if isinstance(shape, Section) and key in (known := settings_of(shape.model)):
        return known[key].shape
    return None
