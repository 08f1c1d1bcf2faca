"""What a setting may hold: each shape reads a node into plain data and describes itself as JSON Schema.

A shape never raises for what a user wrote: it reports at the node's place and returns None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from gatewright.diagnostics import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node

JsonSchema = dict[str, Any]


class Shape(Protocol):
    """Reads a node, and says as JSON Schema what it accepts."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any: ...

    def schema(self) -> JsonSchema: ...


def wrong_kind(node: Node, path: str, diagnostics: Diagnostics, expected: str) -> None:
    """Reports that `node` is not `expected`; the value itself is shown only where it is no text (a text may be a
    secret).
    """
    diagnostics.error(node.location, path, "wrong-kind", f"expected {expected}, found {node.kind}")


def nothing_there(node: Node, path: str, diagnostics: Diagnostics) -> None:
    """Reports a null that removes nothing."""
    message = "null removes what an extended file has; there is nothing here to remove"
    diagnostics.error(node.location, path, "nothing-there", message)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape; read as a tuple."""

    item: Shape
    most: int | None = None
    least: int = 0

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> tuple[Any, ...] | None:
        if not isinstance(node.value, list):
            wrong_kind(node, path, diagnostics, "a list")
            return None
        if len(node.value) < self.least:
            diagnostics.error(
                node.location, path, "too-few", f"has {len(node.value)} entries; at least {self.least} needed"
            )
        if self.most is not None and len(node.value) > self.most:
            diagnostics.error(
                node.location, path, "too-many", f"has {len(node.value)} entries; at most {self.most} are allowed"
            )
            return None
        read = [self.item.read(item, f"{path}[{index}]", diagnostics) for index, item in enumerate(node.value)]
        return tuple(item for item in read if item is not None)

    def schema(self) -> JsonSchema:
        schema: JsonSchema = {"type": "array", "items": self.item.schema()}
        if self.least:
            schema["minItems"] = self.least
        if self.most is not None:
            schema["maxItems"] = self.most
        return schema


@dataclass(frozen=True, slots=True)
class TableOf:
    """A mapping from names, of a pattern that `what` puts in words, to one shape; tables of several files merge by
    name. `near` are names that a misspelt one may have meant.
    """

    item: Shape
    what: str = "a name of lower-case letters, digits and hyphens"
    pattern: str = r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$"
    longest: int = 64
    near: tuple[str, ...] = ()

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> dict[str, Any] | None:
        if not isinstance(node.value, dict):
            wrong_kind(node, path, diagnostics, "a mapping")
            return None
        table: dict[str, Any] = {}
        for name, entry in node.value.items():
            inner = join(path, name)
            if len(name) > self.longest:
                message = f"has {len(name)} characters; at most {self.longest} are allowed"
                diagnostics.error(entry.key_location, path, "too-long", message)
                continue
            if not re.fullmatch(self.pattern, name):
                if not diagnostics.failed_at(entry.key_location):  # what looks like a key has been refused already
                    diagnostics.error(
                        entry.key_location, inner, "bad-name", f"is not {self.what}", _meant(name, self.near)
                    )
                continue
            if entry.node.value is None:
                nothing_there(entry.node, inner, diagnostics)
                continue
            value = self.item.read(entry.node, inner, diagnostics)
            if value is not None:
                table[name] = value
        return table

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "propertyNames": {"pattern": self.pattern, "maxLength": self.longest},
            "additionalProperties": nullable(self.item.schema()),
        }


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several forms of one setting, told apart by the kind of what was written: the first that `takes` the node reads
    it.
    """

    forms: Sequence[Form]
    expected: str

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        for form in self.forms:
            if form.takes(node):
                return form.read(node, path, diagnostics)
        wrong_kind(node, path, diagnostics, self.expected)
        return None

    def schema(self) -> JsonSchema:
        return {"anyOf": [form.schema() for form in self.forms]}


class Form(Shape, Protocol):
    """A shape that knows which nodes are meant for it."""

    def takes(self, node: Node) -> bool: ...


@dataclass(frozen=True, slots=True)
class When:
    """Makes a form of a shape: it takes nodes whose value is of one of `kinds`."""

    kinds: type | tuple[type, ...]
    shape: Shape

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, self.kinds) and not (
            isinstance(node.value, bool) and bool not in _tuple(self.kinds)
        )

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        return self.shape.read(node, path, diagnostics)

    def schema(self) -> JsonSchema:
        return self.shape.schema()


def _tuple(kinds: type | tuple[type, ...]) -> tuple[type, ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


@dataclass(frozen=True, slots=True)
class Exactly:
    """One fixed value (false, a word), read as `meaning`."""

    written: str | bool
    meaning: Any

    def takes(self, node: Node) -> bool:
        return node.value is self.written if isinstance(self.written, bool) else node.value == self.written

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:  # noqa: ARG002  the node is known to be `written`
        return self.meaning

    def schema(self) -> JsonSchema:
        return {"const": self.written}


def _meant(name: str, names: tuple[str, ...]) -> str | None:
    near = nearest(name, names)
    return f"Did you mean {near}?" if near else None


def join(path: str, name: str) -> str:
    """`path.name`; a name at the root stands alone."""
    return f"{path}.{name}" if path else name


def nullable(schema: JsonSchema) -> JsonSchema:
    """The same, or null: in a file, null removes what the extended file has."""
    if "$ref" in schema or "anyOf" in schema or "const" in schema or "enum" in schema:
        inner = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        return {"anyOf": [*inner, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}
