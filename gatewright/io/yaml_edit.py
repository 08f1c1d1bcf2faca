"""Set values in a YAML file that a user wrote. Every byte outside the edit stays.

edit = YamlEdit.open(path, shown)
edit.set(("tokens", "agents", "rotate", "epoch"), 2)
edit.diff()     # the changes
edit.write()    # atomically, and only over the text that was read
"""

from __future__ import annotations

import copy
import difflib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.errors import FileRefusedError
from gatewright.io import atomic
from gatewright.io.system import OPEN_FOLDER
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import splice
from gatewright.io.text_edits.yaml_document import YamlDocument, find_pair, indent, is_flow, is_null

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gatewright.io.text_edits.yaml_document import Pair

_FIRST_INDENT = re.compile(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n( +)[^\s#-]", re.MULTILINE)


@dataclass(slots=True)
class YamlEdit:
    """The file at `path`, named `shown` in messages, with its text before and after the edit."""

    path: Path
    shown: str
    before: str
    after: str

    @classmethod
    def open(cls, path: Path, shown: str) -> YamlEdit:
        """Read the file. Raises FileRefusedError for a symlink, and for a file that is not writable."""
        if path.is_symlink():
            raise FileRefusedError(f"{shown} is a symlink", f"Edit {path.resolve()} yourself")
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise FileRefusedError(f"{shown} is not writable", f"chmod u+w {shown}, and its folder")
        text = path.read_bytes().decode("utf-8")
        return cls(path, shown, text, text)

    def set(self, keys: Sequence[str], value: int | str | Mapping[str, Any]) -> None:
        """Set the value at `keys`. Missing mappings on the way are created, in flow style.

        Raises:
            FileRefusedError: the value cannot be set without changing other settings.
        """
        try:
            self.after = set_value(self.after, keys, value)
        except MalformedTextError as error:
            place = f"{self.shown}:{error.line}:{error.column}"
            raise FileRefusedError(f"{place} cannot be edited: {error.reason}", "Edit it yourself") from None

    def diff(self) -> list[str]:
        """The changes, as lines of a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), self.shown, self.shown, n=1, lineterm=""
        )
        return list(lines)

    def write(self) -> None:
        """Replace the file. Raises FileRefusedError where it has changed since it was read."""
        folder = os.open(self.path.parent, OPEN_FOLDER)
        try:
            data, mode = atomic.read(folder, self.path.name)
            if data != self.before.encode():
                raise FileRefusedError(f"{self.shown} has changed since it was read", "Run the command again")
            atomic.replace(folder, self.path.name, self.after.encode(), mode)
        finally:
            os.close(folder)


def set_value(text: str, keys: Sequence[str], value: Any) -> str:
    """The YAML `text` with `value` at `keys`. Raises MalformedTextError."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # a byte order mark; libyaml does not count it
    document = YamlDocument.parse(text.removeprefix(mark))
    edited = _set(document, keys, value)
    expected = copy.deepcopy(document.data) or {}
    container = expected
    for key in keys[:-1]:
        if container.get(key) is None:
            container[key] = {}
        container = container[key]
    container[keys[-1]] = value
    if YamlDocument.parse(edited).data != expected:
        raise MalformedTextError(1, 1, f"{'.'.join(keys)} cannot be set without changing other settings")
    return mark + edited


def _set(document: YamlDocument, keys: Sequence[str], value: Any) -> str:
    holder = document.root
    for depth, key in enumerate(keys, start=1):
        pair = find_pair(holder, key)
        if pair is None:
            return _add_member(document, holder, keys[depth - 1 :], value)
        if depth == len(keys) or is_null(pair[1]):
            return _replace_value(document, pair, _nested(keys[depth:], value))
        holder = pair[1]
    return document.text


def _replace_value(document: YamlDocument, pair: Pair, value: Any) -> str:
    key, node = pair
    start, end = node.start_mark.index, document.value_end(key, node)
    is_block = isinstance(node, yaml.CollectionNode) and not is_flow(node)
    is_alias = start < key.start_mark.index
    if start == end or is_block or is_alias:
        return splice(document.text, [(document.colon(key), end, f" {document.flow(value)}")])
    return splice(document.text, [(start, end, document.flow(value))])


def _add_member(document: YamlDocument, holder: yaml.Node | None, keys: Sequence[str], value: Any) -> str:
    if holder is None:
        return document.append_lines(_lines(document, keys, value))
    if not isinstance(holder, yaml.MappingNode):
        raise document.malformed(holder, f"{keys[0]} cannot be set here: expected a mapping")
    if not is_flow(holder):
        top_level = holder is document.root
        lines = _lines(document, keys, value) if top_level else _member(document, keys, value)
        return document.insert_lines(document.end(holder), lines, holder.value[0][0].start_mark.column)
    member = _member(document, keys, value)
    if not holder.value:
        before_brace = holder.end_mark.index - 1
        return splice(document.text, [(before_brace, before_brace, member)])
    end = document.value_end(*holder.value[-1])
    return splice(document.text, [(end, end, f", {member}")])


def _lines(document: YamlDocument, keys: Sequence[str], value: Any) -> str:
    """A member of the root: on two lines where it is nested."""
    if len(keys) == 1:
        return _member(document, keys, value)
    first_indent = _FIRST_INDENT.search(document.text)
    nested = indent(_member(document, keys[1:], value), len(first_indent[1]) if first_indent else 2)
    return f"{document.flow(keys[0])}:{document.newline}{nested}{document.newline}"


def _member(document: YamlDocument, keys: Sequence[str], value: Any) -> str:
    return f"{document.flow(keys[0])}: {document.flow(_nested(keys[1:], value))}"


def _nested(keys: Sequence[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value
