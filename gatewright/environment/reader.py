"""Reads one YAML file into nodes with locations, by the core schema of YAML 1.2.

Built on the parser's events, not on its trees: deep files cannot exhaust the stack, and every alias is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from gatewright.diagnostics import Diagnostics, Location
from gatewright.environment.nodes import Entry, Node, Scalar
from gatewright.io.untrusted import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_ALIASED_NODES = 20_000

_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_FORBIDDEN = r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_file(path: Path, shown: str, diagnostics: Diagnostics) -> Node | None:
    """The mapping in the file at `path`, which messages call `shown`; None, with diagnostics, if it cannot be read."""
    start = Location(shown, 1, 1)
    try:
        content = read_regular_file(path, MAX_BYTES + 1)
    except OSError as error:
        diagnostics.error(start, "", "unreadable-file", f"cannot be read: {error.strerror}")
        return None
    if len(content) > MAX_BYTES:
        diagnostics.error(start, "", "file-too-large", f"is larger than {MAX_BYTES:,} bytes", "Split it with extends")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        diagnostics.error(Location(shown, line, 1), "", "not-utf8", "is not UTF-8 text", "Save it as UTF-8")
        return None
    return read_text(text, shown, diagnostics)


def read_text(text: str, shown: str, diagnostics: Diagnostics) -> Node | None:
    """The mapping in `text`; None, with diagnostics, if it is not valid YAML or not a mapping."""
    try:
        return _Builder(shown, diagnostics).build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        location = Location(shown, mark.line + 1, mark.column + 1) if mark else Location(shown, 1, 1)
        tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        hint = "Indent with spaces; YAML does not allow tabs" if tab else None
        diagnostics.error(location, "", "broken-yaml", f"invalid YAML: {error.problem or error.context}", hint)
    except yaml.reader.ReaderError as error:
        location, character = _forbidden(text, shown)
        message = f"contains U+{ord(character):04X}, which YAML does not allow" if character else str(error.reason)
        diagnostics.error(location, "", "broken-yaml", message)
    except _RefusedError as error:
        diagnostics.error(error.location, "", error.code, error.message, error.hint)
    return None


def _forbidden(text: str, shown: str) -> tuple[Location, str]:
    """The first character that YAML does not allow, with its location, which differs between the two parsers."""
    match = re.search(_FORBIDDEN, text)
    if match is None:
        return Location(shown, 1, 1), ""
    start = text.rfind("\n", 0, match.start()) + 1
    return Location(shown, text.count("\n", 0, start) + 1, match.start() - start + 1), match[0]


class _RefusedError(Exception):
    """YAML that is valid and not accepted here."""

    def __init__(self, location: Location, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.location, self.code, self.message, self.hint = location, code, message, hint


@dataclass(slots=True)
class _OpenCollection:
    """A list or mapping before its end event."""

    node: Node
    anchor: str | None
    key: tuple[str, Location] | None = None


@dataclass(slots=True)
class _Builder:
    file: str
    diagnostics: Diagnostics
    open: list[_OpenCollection] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)  # id of a node -> count of nodes, depth
    aliased: int = 0
    root: Node | None = None

    def build(self, events: Iterator[yaml.Event]) -> Node | None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _RefusedError(
                        self._location(event),
                        "several-documents",
                        "contains several YAML documents, expected one",
                    )
            elif isinstance(event, yaml.ScalarEvent):
                self._add(self._scalar(event), event.anchor)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._add(self._alias(event), None)
        if self.root is None:
            return Node({}, Location(self.file, 1, 1))
        if self.root.value is None:
            return Node({}, self.root.location)
        if not isinstance(self.root.value, dict):
            raise _RefusedError(
                self.root.location,
                "not-a-mapping",
                f"expected a mapping (gateway: …), found {self.root.kind}",
            )
        return self.root

    def _location(self, event: yaml.Event) -> Location:
        mark = event.start_mark
        if mark is None:
            return Location(self.file, 1, 1)
        return Location(self.file, mark.line + 1, mark.column + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        location = self._location(event)
        self._refuse_tag(event, location)
        plain = event.style is None or event.style == ""
        value = resolve(event.value) if plain and event.tag is None else event.value
        return Node(value, location, event.value)

    def _refuse_tag(self, event: yaml.NodeEvent, location: Location) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise _RefusedError(location, "yaml-tag", f"YAML tags are not supported: {tag}")

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        location = self._location(event)
        self._refuse_tag(event, location)
        self._refuse_depth(len(self.open) + 1, location)
        node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], location)
        self.open.append(_OpenCollection(node, event.anchor))

    def _end(self) -> None:
        closed = self.open.pop()
        self._add(closed.node, closed.anchor)

    def _alias(self, event: yaml.AliasEvent) -> Node:
        location = self._location(event)
        node = self.anchors.get(event.anchor or "")
        if node is None:
            raise _RefusedError(
                location, "unknown-anchor", f"*{event.anchor} refers to an anchor that is not defined before it"
            )
        size, depth = self._size(node)
        self._refuse_depth(len(self.open) + depth, location)
        self.aliased += size
        if self.aliased > MAX_ALIASED_NODES:
            raise _RefusedError(
                location, "too-many-aliases", f"aliases expand to more than {MAX_ALIASED_NODES:,} values"
            )
        return node

    def _refuse_depth(self, depth: int, location: Location) -> None:
        if depth > MAX_DEPTH:
            raise _RefusedError(location, "too-deep", f"is nested deeper than {MAX_DEPTH} levels")

    def _size(self, node: Node) -> tuple[int, int]:
        known = self.sizes.get(id(node))
        if known is not None:
            return known
        match node.value:
            case dict():
                parts = [self._size(entry.node) for entry in node.value.values()]
            case list():
                parts = [self._size(item) for item in node.value]
            case _:
                return 1, 0
        size = 1 + sum(part for part, _ in parts), 1 + max((depth for _, depth in parts), default=0)
        self.sizes[id(node)] = size
        return size

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif isinstance(parent.node.value, dict):
            self._add_to_mapping(parent, parent.node.value, node)

    def _add_to_mapping(self, parent: _OpenCollection, mapping: dict[str, Entry], node: Node) -> None:
        if parent.key is None:
            if isinstance(node.value, dict | list):
                raise _RefusedError(node.location, "key-not-text", "a key must be a string")
            parent.key = (node.text, node.location)
            return
        key, location = parent.key
        parent.key = None
        if key == "<<":
            hint = "Use extends to build on another file, or repeat the keys"
            self.diagnostics.error(location, self._path(key), "merge-key", "YAML 1.2 has no merge keys", hint)
            return
        if key in mapping:
            first = mapping[key].key_location
            self.diagnostics.error(
                location,
                self._path(key),
                "duplicate-key",
                f"duplicate key, first defined at line {first.line}",
                "Remove one of them",
            )
            return
        mapping[key] = Entry(location, node)

    def _path(self, key: str) -> str:
        """The path of `key` in the innermost open mapping."""
        path = ""
        for outer in self.open[:-1]:
            if isinstance(outer.node.value, list):
                path += f"[{len(outer.node.value)}]"
            elif outer.key is not None:
                path += f".{outer.key[0]}"
        return f"{path}.{key}".removeprefix(".")


def resolve(text: str) -> Scalar:
    """The value of a plain scalar by the core schema of YAML 1.2, where `no` and `on` are strings and `012` is 12."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
