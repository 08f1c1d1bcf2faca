"""Edits of YAML that leave every other byte alone: items of one block list, and settings of the mapping around it.

PyYAML says where things stand; ruamel would write the whole file anew, in its own layout.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import MASK, splice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatewright.io.text_edits import KeyPath

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast; not every PyYAML has it
_REST_OF_LINE = re.compile(r"[^\n\r]*")
_COMMENT = re.compile(r"#[^\n\r]*")


@dataclass(frozen=True, slots=True)
class YamlText:
    """A text of one YAML document. Its list stands at `at`: () is the root, ("models",) a setting of the root; an item
    of it is found by what its key `identity` holds."""

    text: str
    at: KeyPath
    identity: str
    _root: yaml.Node | None
    _data: Any

    @classmethod
    def of(cls, text: str, at: KeyPath, identity: str) -> YamlText:
        """Reads `text`. Raises MalformedTextError where it is none."""
        try:
            root = yaml.compose(text, Loader=_Loader)
            data = yaml.load(text, Loader=_Loader)  # noqa: S506  the safe one, in C
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise MalformedTextError(line, column, str(error.problem or error.context)) from None
        except yaml.reader.ReaderError as error:
            raise MalformedTextError.at(text, error.position, f"{error.reason}: #x{error.character:02x}") from None
        except (ValueError, RecursionError) as error:
            raise MalformedTextError(1, 1, f"it cannot be read: {error}") from None
        kind = dict if at else list
        if data is not None and not isinstance(data, kind):
            raise MalformedTextError(1, 1, f"it holds no {'mapping' if at else 'list'}")
        return cls(text, at, identity, root, data)

    @property
    def data(self) -> Any:
        """As nested mappings: an item of the list goes by its identity."""
        if not self.at:
            return None if self._data is None else self._by_identity(self._data)
        found = dict(self._data or {})
        name = self.at[0]
        if isinstance(found.get(name), list):
            found[name] = self._by_identity(found[name])
        return found if self._data is not None else None

    def raw(self, path: KeyPath) -> str | None:
        """For a setting, all that follows its colon."""
        if not path:
            return self.text
        value = self._setting(path[0])
        return None if value is None else self.text[self._colon(path[0]) : self._end(value)]

    def get(self, path: KeyPath) -> Any:
        there = self.data
        for key in path:
            if not isinstance(there, dict) or key not in there:
                return MISSING
            there = there[key]
        return there

    def put(self, path: KeyPath, value: Any) -> str:
        if self._is_item(path):
            return self._put_item(path, value)
        found = self._setting(path[0])
        if found is None:
            return self._append(self._dumped({path[0]: value}))
        return self.put_raw(path, self._dumped({path[0]: value}).partition(":")[2].rstrip())

    def put_raw(self, path: KeyPath, raw: str) -> str:
        if not path:
            return raw
        return splice(self.text, [(self._colon(path[0]), self._end(self._pair(path[0])[1]), raw)])

    def drop(self, path: KeyPath) -> str:
        if self._is_item(path):
            return self._drop_item(path)
        key, value = self._pair(path[0])
        return self._without(key.start_mark.index, max(self._end(value), self._colon(path[0])))

    def is_empty(self, path: KeyPath) -> bool:
        if not path:
            return not self.text.strip()
        return self.get(path) in (MISSING, None, [], {}) and "#" not in (self.raw(path) or "")

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        edits = [(start, end, "# …") for start, end in self._comments()]
        for path, node in _scalars(self._root):
            if node.tag == "tag:yaml.org,2002:str" and secret(path, node.value):
                edits.append((node.start_mark.index, self._end(node), MASK))
        return splice(self.text, edits)

    # -- the list

    def _is_item(self, path: KeyPath) -> bool:
        return len(path) == len(self.at) + 1 and path[:-1] == self.at

    def _put_item(self, path: KeyPath, value: Any) -> str:
        there, holder = self._item(path[-1]), self._list()
        if there is not None:
            written = _indented(self._dumped(value), " " * there.start_mark.column).strip()
            return splice(self.text, [(there.start_mark.index, self._end(there), written)])
        if holder is None or isinstance(holder, yaml.ScalarNode) or not holder.value:
            return self._put_first(holder, value)
        if _in_brackets(holder):
            raise self._broken(holder, "the list is written in brackets: put each item on a line of its own")
        return self._insert(self._end(holder), self._dumped([value]), holder.start_mark.column)

    def _put_first(self, holder: yaml.Node | None, value: Any) -> str:
        """Where the list is empty, null, or not there."""
        if holder is None:
            return self._append(self._dumped({self.at[0]: [value]} if self.at else [value]))
        if not self.at or not self.is_empty(self.at):
            raise self._broken(holder, "an empty list stands here: remove it")
        start, end = self._colon(self.at[0]), self._end(holder)
        rest = self._line_end(end)
        lines = self._newline + _indented(self._dumped([value]), "  ").rstrip()
        return splice(self.text, [(start, end, ""), (rest, rest, lines)])

    def _drop_item(self, path: KeyPath) -> str:
        item, holder = self._item(path[-1]), self._list()
        if item is None or holder is None:
            raise KeyError(path)
        index = next(place for place, each in enumerate(holder.value) if each is item)
        start = holder.start_mark.index  # the first dash is where the list begins
        if index:
            dash = re.compile(rf"^{' ' * holder.start_mark.column}-", re.MULTILINE)
            start = next(dash.finditer(self.text, self._end(holder.value[index - 1]))).end() - 1
        return self._without(start, self._end(item))

    # -- lines

    def _without(self, start: int, end: int) -> str:
        """Without whole lines, and the line break before them; what else stands on the last one stays on a line."""
        begin = len(self.text[:start].rstrip(" "))
        if self.text[end : self._line_end(end)].strip():
            return splice(self.text, [(start, end, "")])
        if self.text[:begin].endswith("\r\n"):
            begin -= 2
        elif self.text[:begin].endswith("\n"):
            begin -= 1
        elif begin == 0:  # nothing above: the line break below goes
            return splice(self.text, [(0, end, "")])
        return splice(self.text, [(begin, end, "")])

    def _append(self, written: str) -> str:
        """Lines behind all there is."""
        if self._root is None:
            return self._insert(len(self.text.rstrip()), written) if self.text.strip() else self.text + written
        if _in_brackets(self._root):
            raise self._broken(self._root, "all of it is written in braces: put each setting on a line of its own")
        return self._insert(self._end(self._root), written, self._root.start_mark.column)

    def _insert(self, at: int, lines: str, column: int = 0) -> str:
        end = self._line_end(at)
        return splice(self.text, [(end, end, self._newline + _indented(lines, " " * column).rstrip("\r\n"))])

    def _line_end(self, at: int) -> int:
        found = _REST_OF_LINE.match(self.text, at)
        return found.end() if found else at

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    # -- nodes

    def _list(self) -> yaml.Node | None:
        return self._setting(self.at[0]) if self.at else self._root

    def _setting(self, name: str) -> yaml.Node | None:
        return next((value for key, value in self._members() if key.value == name), None)

    def _pair(self, name: str) -> tuple[yaml.Node, yaml.Node]:
        return next((key, value) for key, value in self._members() if key.value == name)

    def _members(self) -> list[tuple[yaml.Node, yaml.Node]]:
        return self._root.value if isinstance(self._root, yaml.MappingNode) else []

    def _colon(self, name: str) -> int:
        """Behind the colon of a setting."""
        key, _ = self._pair(name)
        return self.text.index(":", key.end_mark.index) + 1

    def _item(self, name: str) -> yaml.Node | None:
        holder = self._list()
        for item in holder.value if isinstance(holder, yaml.SequenceNode) else ():
            for key, value in item.value if isinstance(item, yaml.MappingNode) else ():
                if key.value == self.identity and value.value == name:
                    return item  # type: ignore[no-any-return]  # PyYAML's nodes are not typed
        return None

    def _end(self, node: yaml.Node) -> int:
        """Where a node's own text ends: the marks of blocks stand behind the blanks and comments that follow."""
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode):
            start = int(node.start_mark.index)
            return start + len(self.text[start:end].rstrip()) if node.style in ("|", ">") else end
        if _in_brackets(node) or not node.value:
            return end
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _broken(self, node: yaml.Node, why: str) -> MalformedTextError:
        return MalformedTextError(node.start_mark.line + 1, node.start_mark.column + 1, why)

    def _dumped(self, value: Any) -> str:
        text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
        return text.replace("\n", self._newline)

    def _by_identity(self, items: list[Any]) -> dict[str, Any]:
        return {
            str(item[self.identity]) if isinstance(item, dict) and self.identity in item else f"#{index}": item
            for index, item in enumerate(items)
        }

    def _comments(self) -> Iterator[tuple[int, int]]:
        """What stands between the tokens is blank or a comment."""
        at = 0
        for token in yaml.scan(self.text, Loader=_Loader):
            for found in _COMMENT.finditer(self.text, at, max(at, token.start_mark.index)):
                yield found.span()
            at = max(at, token.end_mark.index)


def _in_brackets(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _scalars(node: yaml.Node | None, path: KeyPath = ()) -> Iterator[tuple[KeyPath, yaml.ScalarNode]]:
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, path)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))
