"""Edits of YAML that leave every other byte alone: items of one block list, and settings of the mapping around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.frozen import frozen
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import MASK, splice
from gatewright.io.text_edits.yaml_document import Pair, YamlDocument, find_pair, indent, is_alias, is_flow, members

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath


@frozen
class YamlText:
    """A text of one YAML document with a list at `list_at`: () is the root, ("models",) a setting of the root. An item
    of the list is found by the value of its key `identity`."""

    document: YamlDocument
    list_at: KeyPath
    identity: str

    @classmethod
    def of(cls, text: str, list_at: KeyPath, identity: str) -> YamlText:
        """Parse `text`. Raises MalformedTextError."""
        document = YamlDocument.parse(text)
        if document.data is not None and not isinstance(document.data, dict if list_at else list):
            raise MalformedTextError(1, 1, f"expected a {'mapping' if list_at else 'list'}")
        return cls(document, list_at, identity)

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def data(self) -> Any:
        """As nested mappings: the key of a list item is its identity."""
        data = self.document.data
        if data is None:
            return None
        if not self.list_at:
            return self._by_identity(data)
        name = self.list_at[0]
        return {**data, name: self._by_identity(data[name])} if isinstance(data.get(name), list) else data

    def raw(self, path: KeyPath) -> str | None:
        """For a setting, all text after its colon."""
        if not path:
            return self.text
        pair = find_pair(self.document.root, path[0])
        return None if pair is None else self.text[slice(*self._value_span(pair))]

    def get(self, path: KeyPath) -> Any:
        value = self.data
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return MISSING
            value = value[key]
        return value

    def put(self, path: KeyPath, value: Any) -> str:
        if self._is_item(path):
            return self._put_item(path[-1], value)
        lines = self.document.block({path[0]: value})
        if find_pair(self.document.root, path[0]) is None:
            return self.document.append_lines(lines)
        return self.put_raw(path, lines.partition(":")[2].rstrip())

    def put_raw(self, path: KeyPath, raw: str) -> str:
        return splice(self.text, [(*self._value_span(self._pair(path[0])), raw)]) if path else raw

    def drop(self, path: KeyPath) -> str:
        if self._is_item(path):
            return self._drop_item(path)
        pair = self._pair(path[0])
        return self._without(pair[0].start_mark.index, max(self._value_span(pair)))

    def is_empty(self, path: KeyPath) -> bool:
        if not path:
            return not self.text.strip()
        return self.get(path) in (MISSING, None, [], {}) and "#" not in (self.raw(path) or "")

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        edits = [(start, end, "# …") for start, end in self.document.comments()]
        for path, node in self.document.scalars():
            if node.tag == "tag:yaml.org,2002:str" and secret(path, node.value):
                edits.append((node.start_mark.index, self.document.end(node), MASK))
        return splice(self.text, edits)

    def _pair(self, name: str) -> Pair:
        pair = find_pair(self.document.root, name)
        if pair is None:
            raise KeyError(name)
        return pair

    def _value_span(self, pair: Pair) -> tuple[int, int]:
        return self.document.colon(pair[0]), self.document.value_end(*pair)

    # -- the list

    def _is_item(self, path: KeyPath) -> bool:
        return len(path) == len(self.list_at) + 1 and path[:-1] == self.list_at

    def _list(self) -> yaml.Node | None:
        pair = find_pair(self.document.root, self.list_at[0]) if self.list_at else (None, self.document.root)
        return pair and pair[1]

    def _item(self, name: str) -> yaml.Node | None:
        holder = self._list()
        for item in holder.value if isinstance(holder, yaml.SequenceNode) else ():
            if any(key.value == self.identity and value.value == name for key, value in members(item)):
                return item  # type: ignore[no-any-return]  # PyYAML's nodes are not typed
        return None

    def _put_item(self, name: str, value: Any) -> str:
        document, item, holder = self.document, self._item(name), self._list()
        if item is not None:
            lines = indent(document.block(value), item.start_mark.column).strip()
            return splice(self.text, [(item.start_mark.index, document.end(item), lines)])
        if holder is not None and document.has_aliases(holder):
            pair = find_pair(document.root, self.list_at[0])
            node = pair[0] if pair and is_alias(*pair) else holder
            raise document.malformed(node, "the list is another setting's, too, by an alias: write it out in both")
        if holder is None or isinstance(holder, yaml.ScalarNode) or not holder.value:
            return self._put_first(holder, value)
        if is_flow(holder):
            raise document.malformed(holder, "the list is in flow style []: write each item on a line of its own")
        return document.insert_lines(document.end(holder), document.block([value]), document.column(holder))

    def _put_first(self, holder: yaml.Node | None, value: Any) -> str:
        """Add an item where the list is empty, null, or missing."""
        document = self.document
        if holder is None:
            return document.append_lines(document.block({self.list_at[0]: [value]} if self.list_at else [value]))
        if not self.list_at or not self.is_empty(self.list_at):
            raise document.malformed(holder, "the list is empty: remove it")
        start, end = self._value_span(self._pair(self.list_at[0]))
        line_end = document.line_end(end)
        lines = document.newline + indent(document.block([value]), 2).rstrip()
        return splice(self.text, [(start, end, ""), (line_end, line_end, lines)])

    def _drop_item(self, path: KeyPath) -> str:
        item, holder = self._item(path[-1]), self._list()
        if item is None or holder is None:
            raise KeyError(path)
        dashes = re.compile(rf"^{' ' * self.document.column(holder)}-", re.MULTILINE)
        *_, dash = dashes.finditer(self.text, 0, item.start_mark.index)
        return self._without(dash.end() - 1, self.document.end(item))

    def _without(self, start: int, end: int) -> str:
        """Remove whole lines and the line break before them; other text on the last line stays on a line."""
        if self.text[end : self.document.line_end(end)].strip():
            return splice(self.text, [(start, end, "")])
        above = self.text[:start].rstrip(" ")
        if not above:  # nothing above: remove the line break below
            return splice(self.text, [(0, end, "")])
        begin = len(above.removesuffix("\n").removesuffix("\r") if above.endswith("\n") else above)
        return splice(self.text, [(begin, end, "")])

    def _by_identity(self, items: list[Any]) -> dict[str, Any]:
        return {
            str(item[self.identity]) if isinstance(item, dict) and self.identity in item else f"#{index}": item
            for index, item in enumerate(items)
        }
