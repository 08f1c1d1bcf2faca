"""Lays one file over another: mappings merge by key, everything else is whole, null removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.nodes import Entry, Node
from gatewright.environment.shapes.base import OneOf, TableOf, When, join, nothing_there
from gatewright.environment.shapes.sections import Section, settings_of

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.shapes.base import Shape


def overlay(base: Node, top: Node, shape: Shape | None, path: str, diagnostics: Diagnostics) -> Node:
    """`top` laid over `base`; neither is changed. What is replaced stays reachable through `instead_of`."""
    shape = _table(shape)
    if shape is None or not isinstance(base.value, dict) or not isinstance(top.value, dict):
        return Node(top.value, top.location, top.text, instead_of=base)
    merged = dict(base.value)
    for key, entry in top.value.items():
        inner = join(path, key)
        below = base.value.get(key)
        if entry.node.value is None:
            if merged.pop(key, None) is None:
                nothing_there(entry.node, inner, diagnostics)
        elif below is None:
            merged[key] = entry
        else:
            merged[key] = Entry(
                entry.key_location, overlay(below.node, entry.node, _inner(shape, key), inner, diagnostics)
            )
    return Node(merged, top.location)


def _table(shape: Shape | None) -> TableOf | Section | None:
    """What merges by key, `shape` itself or one of its forms; None for what is whole."""
    match shape:
        case OneOf(forms=forms):
            return next((table for form in forms if (table := _table(form))), None)
        case When(shape=inner):
            return _table(inner)
        case TableOf() | Section(whole=False):
            return shape
        case _:
            return None


def _inner(shape: TableOf | Section, key: str) -> Shape | None:
    if isinstance(shape, TableOf):
        return shape.item
    known = settings_of(shape.model)
    return known[key].shape if key in known else None
