"""YAML as a tree of nodes, each with the location of its value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Location

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Node:
    """A value: a scalar, a list of nodes, or a mapping of entries."""

    value: Scalar | list[Node] | dict[str, Entry]
    location: Location
    text: str = ""  # a scalar as written in the file
    instead_of: Node | None = None  # the node that an overlay replaced with this one
    removed: Mapping[str, Location] | None = None  # keys of a mapping that an overlay removed, with the null's location
    reading: tuple[type, str, Any] | None = field(default=None, compare=False, repr=False)  # kept by Section.read

    @property
    def kind(self) -> str:
        """The value's kind, as messages name it."""
        match self.value:
            case None:
                return "null"
            case bool():
                return "true" if self.value else "false"
            case int() | float():
                return "a number"
            case str():
                return "a string"
            case list():
                return "a list" if self.value else "an empty list"
            case _:
                return "a mapping" if self.value else "an empty mapping"

    @property
    def entries(self) -> dict[str, Entry]:
        """The entries of a mapping; empty for other values."""
        return self.value if isinstance(self.value, dict) else {}

    def at(self, *keys: str) -> Node | None:
        """The node below `keys`, one mapping inside the other; None if it does not exist."""
        node: Node | None = self
        for key in keys:
            entry = node.entries.get(key) if node else None
            node = entry.node if entry else None
        return node

    def location_at(self, *keys: str) -> Location:
        """The location of the deepest of `keys` that exists."""
        node, location = self, self.location
        for key in keys:
            if key not in node.entries:
                break
            location, node = node.entries[key].key_location, node.entries[key].node
        return location

    def removed_at(self, *keys: str) -> Location | None:
        """The location of the null that removed one of `keys`; None if none was removed."""
        node: Node | None = self
        for key in keys:
            if node is None:
                return None
            if node.removed and key in node.removed:
                return node.removed[key]
            node = node.at(key)
        return None

    def plain(self) -> object:
        """The value without locations: dict, list or scalar."""
        if isinstance(self.value, dict):
            return {key: entry.node.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass(slots=True)
class Entry:
    """The value of a mapping's key, and the location of the key."""

    key_location: Location
    node: Node
