"""YAML as a tree that remembers where every value was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.diagnostics import Location

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Node:
    """A value: a scalar, a list of nodes, or a mapping of entries."""

    value: Scalar | list[Node] | dict[str, Entry]
    location: Location
    text: str = ""  # a scalar as it was written
    instead_of: Node | None = None  # what an overlay put this in place of

    @property
    def kind(self) -> str:
        """The value's kind in the words of a message."""
        match self.value:
            case None:
                return "null"
            case bool():
                return "true or false"
            case int() | float():
                return "a number"
            case str():
                return "a text"
            case list():
                return "a list"
            case _:
                return "a mapping"

    @property
    def entries(self) -> dict[str, Entry]:
        """A mapping's entries; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def at(self, *keys: str) -> Node | None:
        """The node under `keys`, one mapping in the other; None where it is not written."""
        node: Node | None = self
        for key in keys:
            entry = node.entries.get(key) if node else None
            node = entry.node if entry else None
        return node

    def location_at(self, *keys: str) -> Location:
        """Where the deepest of `keys` that is written stands."""
        node, location = self, self.location
        for key in keys:
            if key not in node.entries:
                break
            location, node = node.entries[key].key_location, node.entries[key].node
        return location

    def plain(self) -> object:
        """The value without places: dict, list or scalar."""
        if isinstance(self.value, dict):
            return {key: entry.node.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass(slots=True)
class Entry:
    """A mapping's value, and where its key stands."""

    key_location: Location
    node: Node
