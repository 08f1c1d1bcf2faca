"""Merges files: mappings merge by key, other values replace, and null removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.nodes import Entry, Node
from gatewright.environment.shapes.base import OneOf, TableOf, join, report_nothing_to_remove
from gatewright.environment.shapes.sections import Section, settings_of

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.shapes.base import Shape


def overlay(base: Node, top: Node, shape: Shape | None, path: str, diagnostics: Diagnostics) -> Node:
    """Merge `top` over `base` without changing either. Replaced nodes stay reachable through `instead_of`."""
    shape = _mergeable(shape)
    if shape is None or not isinstance(base.value, dict) or not isinstance(top.value, dict):
        return Node(top.value, top.location, top.text, instead_of=base)
    merged, removed = dict(base.value), dict(base.removed or {})
    for key, entry in top.value.items():
        inner = join(path, key)
        replaced = base.value.get(key)
        if entry.node.value is None:
            if merged.pop(key, None) is None:
                report_nothing_to_remove(entry.node, inner, diagnostics)
            else:
                removed[key] = entry.node.location
        elif replaced is None:
            merged[key] = entry
        else:
            node = overlay(replaced.node, entry.node, _shape_below(shape, key), inner, diagnostics)
            merged[key] = Entry(entry.key_location, node)
    gone = {key: location for key, location in removed.items() if key not in merged}
    return Node(merged, top.location, removed=gone or None)


def _mergeable(shape: Shape | None) -> TableOf | Section | None:
    """The shape that merges by key: `shape` itself or one of its forms; None for values that are replaced."""
    match shape:
        case OneOf(forms=forms):
            return next((table for form in forms if (table := _mergeable(form))), None)
        case TableOf() | Section(whole=False):
            return shape
        case _:
            return None


def _shape_below(shape: TableOf | Section, key: str) -> Shape | None:
    if isinstance(shape, TableOf):
        return shape.item
    settings = settings_of(shape.model)
    return settings[key].shape if key in settings else None
