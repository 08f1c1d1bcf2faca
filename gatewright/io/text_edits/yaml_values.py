"""Set and add values of a YAML text; every byte outside the edit stays."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import splice
from gatewright.io.text_edits.yaml_document import YamlDocument, find_pair, indent, is_alias, is_flow, is_null
from gatewright.io.yaml_dump import dump_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.io.text_edits.yaml_document import Pair

_FIRST_INDENT = re.compile(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n( +)[^\s#-]", re.MULTILINE)


def set_value(text: str, keys: Sequence[str], value: Any) -> str:
    """The YAML `text` with `value` at `keys`. Raises MalformedTextError."""

    def change(container: dict[str, Any]) -> None:
        container[keys[-1]] = value

    return _edited(text, keys[:-1], keys, lambda document: _set(document, keys, value), change)


def add_members(text: str, keys: Sequence[str], members: Mapping[str, Any]) -> str:
    """The YAML `text` with new `members` in the mapping at `keys`. Raises MalformedTextError."""
    return _edited(
        text, keys, keys, lambda document: _add(document, keys, members), lambda container: container.update(members)
    )


def append_items(text: str, keys: Sequence[str], items: Sequence[str]) -> str:
    """The YAML `text` with `items` at the end of the list at `keys`. Raises MalformedTextError."""

    def change(container: dict[str, Any]) -> None:
        container[keys[-1]] = [*container[keys[-1]], *items]

    return _edited(text, keys[:-1], keys, lambda document: _append(document, keys, items), change)


def _edited(
    text: str,
    holder: Sequence[str],
    keys: Sequence[str],
    edit: Callable[[YamlDocument], str],
    change: Callable[[dict[str, Any]], object],
) -> str:
    """`text` after `edit`, which must do to the data what `change` does to the mapping at `holder`."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # a byte order mark; libyaml does not count it
    document = YamlDocument.parse(text.removeprefix(mark))
    edited = edit(document)
    expected = copy.deepcopy(document.data) or {}
    container = expected
    for key in holder:
        if container.get(key) is None:
            container[key] = {}
        container = container[key]
    change(container)
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


def _add(document: YamlDocument, keys: Sequence[str], members: Mapping[str, Any]) -> str:
    holder, missing = document.root, [*keys]
    while missing and (pair := find_pair(holder, missing[0])) is not None:
        holder = pair[1]
        del missing[0]
    if holder is None or (isinstance(holder, yaml.MappingNode) and not is_flow(holder)):
        return _insert(document, holder, _nested(missing, members))
    text = document.text
    for name, value in members.items():
        text = _set(YamlDocument.parse(text), (*keys, name), value)
    return text


def _insert(document: YamlDocument, holder: yaml.Node | None, members: Mapping[str, Any]) -> str:
    """Add members after the last one of a mapping in block style, or to an empty document."""
    lines = _block(document, members)
    if holder is None or holder is document.root:
        separator = document.newline if document.newline * 2 in document.text else ""
        return document.append_lines(separator + lines)
    return document.insert_lines(document.end(holder), lines, holder.value[0][0].start_mark.column)


def _append(document: YamlDocument, keys: Sequence[str], items: Sequence[str]) -> str:
    node = document.root
    for key in keys:
        pair = find_pair(node, key)
        node = pair[1] if pair else None
    if not isinstance(node, yaml.SequenceNode):
        raise MalformedTextError(1, 1, f"{'.'.join(keys)} is not a list")
    if not is_flow(node):
        return document.insert_lines(document.end(node), document.block([*items]), document.column(node))
    end = document.items_end(node) if node.value else node.end_mark.index - 1
    added = ", ".join(map(document.flow, items))
    return splice(document.text, [(end, end, f", {added}" if node.value else added)])


def _block(document: YamlDocument, members: Mapping[str, Any]) -> str:
    """Members in block style, the innermost mappings and lists on one line."""
    return dump_yaml(members).replace("\n", document.newline)


def _replace_value(document: YamlDocument, pair: Pair, value: Any) -> str:
    key, node = pair
    start, end = node.start_mark.index, document.value_end(key, node)
    is_block = isinstance(node, yaml.CollectionNode) and not is_flow(node)
    if start == end or is_block or is_alias(key, node):
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
