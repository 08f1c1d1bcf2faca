"""Shapes of settings: each reads a node into plain data, and describes what it accepts as JSON Schema.

A shape never raises for what a user wrote: it reports an error at the node's location and returns None.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from gatewright.diagnostics import nearest
from gatewright.frozen import frozen
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node

JsonSchema = dict[str, Any]


class Shape(Protocol):
    """Reads a node, and describes as JSON Schema what it accepts."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any: ...

    def schema(self) -> JsonSchema: ...


def report_wrong_kind(node: Node, path: str, diagnostics: Diagnostics, expected: str) -> None:
    """Report that `node` is not `expected`. The message never shows a string, which may be a secret."""
    diagnostics.error(node.location, path, "wrong-kind", f"expected {expected}, found {node.kind}")


def report_nothing_to_remove(node: Node, path: str, diagnostics: Diagnostics) -> None:
    """Report a null that removes nothing."""
    message = "null removes a value of an extended file, and there is none to remove"
    diagnostics.error(node.location, path, "nothing-there", message)


@frozen
class ListOf:
    """A list of values of one shape; read as a tuple."""

    item: Shape
    most: int | None = None
    least: int = 0

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, list)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> tuple[Any, ...] | None:
        if not isinstance(node.value, list):
            report_wrong_kind(node, path, diagnostics, "a list")
            return None
        count = len(node.value)
        if count < self.least:
            message = f"expected at least {plural(self.least, 'entry')}, found {count}"
            diagnostics.error(node.location, path, "too-few", message)
        if self.most is not None and count > self.most:
            message = f"expected at most {plural(self.most, 'entry')}, found {count}"
            diagnostics.error(node.location, path, "too-many", message)
            return None
        values = [self.item.read(item, f"{path}[{index}]", diagnostics) for index, item in enumerate(node.value)]
        return tuple(value for value in values if value is not None)

    def schema(self) -> JsonSchema:
        schema: JsonSchema = {"type": "array", "items": self.item.schema()}
        if self.least:
            schema["minItems"] = self.least
        if self.most is not None:
            schema["maxItems"] = self.most
        return schema


@frozen
class TableOf:
    """A mapping from names to values of one shape. Tables of several files merge by name.

    Names match `pattern`, which `expected` describes; `near`: valid names to suggest for a misspelt one.
    """

    item: Shape
    expected: str = "a name of lower-case letters, digits and hyphens"
    pattern: str = r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$"
    longest: int = 64
    near: tuple[str, ...] = ()

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> dict[str, Any] | None:
        if not isinstance(node.value, dict):
            report_wrong_kind(node, path, diagnostics, "a mapping")
            return None
        table: dict[str, Any] = {}
        for name, entry in node.value.items():
            inner = join(path, name)
            if len(name) > self.longest:
                message = f"has {len(name)} characters, at most {self.longest} are allowed"
                diagnostics.error(entry.key_location, path, "too-long", message)
                continue
            if not re.fullmatch(self.pattern, name):
                if not diagnostics.failed_at(entry.key_location):  # already reported as a secret in clear text
                    near = nearest(name, self.near) or self._valid_form(name)
                    hint = f"Did you mean {near}?" if near else None
                    diagnostics.error(
                        entry.key_location, inner, "bad-name", f"invalid name, expected {self.expected}", hint
                    )
                continue
            if entry.node.value is None:
                report_nothing_to_remove(entry.node, inner, diagnostics)
                continue
            value = self.item.read(entry.node, inner, diagnostics)
            if value is not None:
                table[name] = value
        return table

    def _valid_form(self, name: str) -> str | None:
        """`name` in lower case, with hyphens for other characters, if that is valid."""
        lower = name.lower()
        forms = (lower, re.sub(r"[^a-z0-9-]+", "-", lower).strip("-"))
        return next((form for form in forms if re.fullmatch(self.pattern, form)), None)

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "propertyNames": {"pattern": self.pattern, "maxLength": self.longest},
            "additionalProperties": nullable(self.item.schema()),
        }


@frozen
class OneOf:
    """Several forms of one setting: the first form that `takes` the node reads it."""

    forms: Sequence[Form]
    expected: str

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        for form in self.forms:
            if form.takes(node):
                return form.read(node, path, diagnostics)
        report_wrong_kind(node, path, diagnostics, self.expected)
        return None

    def schema(self) -> JsonSchema:
        return {"anyOf": [form.schema() for form in self.forms]}


class Form(Shape, Protocol):
    """A shape that can tell whether a node is meant for it."""

    def takes(self, node: Node) -> bool: ...


@frozen
class Exactly:
    """One fixed value, for example false; read as `meaning`."""

    written: str | bool
    meaning: Any

    def takes(self, node: Node) -> bool:
        return node.value is self.written if isinstance(self.written, bool) else node.value == self.written

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:  # noqa: ARG002  the node is known to be `written`
        return self.meaning

    def schema(self) -> JsonSchema:
        return {"const": self.written}


@frozen
class NotAvailable:
    """A key that exists at Cloudflare and cannot be declared, with the reason."""

    reason: str

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Any:
        diagnostics.error(node.location, path, "not-available", self.reason, "Remove it")

    def schema(self) -> JsonSchema:
        return {"enum": [None]}


def join(path: str, name: str) -> str:
    """`path.name`; `name` alone at the root."""
    return f"{path}.{name}" if path else name


def nullable(schema: JsonSchema) -> JsonSchema:
    """`schema`, or null, which removes the value of an extended file."""
    if "$ref" in schema or "anyOf" in schema or "const" in schema or "enum" in schema:
        inner = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        return {"anyOf": [*inner, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}
