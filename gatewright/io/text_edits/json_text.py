"""Edit JSON, JSONC and JSON5; every byte outside an edit stays."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.json5_parser import Document, Member, Value, parse, scalars
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import MASK, splice

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath

_SAME_LINE = re.compile(r"(?:[ \t]*/\*[^\n\r]*?\*/)*(?:[ \t]*//[^\n\r]*)?")
_INDENT = re.compile(r"[\r\n]([ \t]+)\S")


@frozen
class JsonText:
    """A text in JSON5, which includes JSON and JSONC."""

    text: str
    _document: Document

    @classmethod
    def of(cls, text: str) -> JsonText:
        """Parse `text`. Raises MalformedTextError, also for anything but one object."""
        document = parse(text)
        if document.root is not None and document.root.members is None:
            raise MalformedTextError.at(text, document.root.start, "expected an object")
        return cls(text, document)

    @property
    def data(self) -> Any:
        return self._document.root.data if self._document.root else None

    def raw(self, path: KeyPath) -> str | None:
        value = self._find(path)
        if value is None:
            return None if path else self.text if not self.text.strip() else ""
        return self.text[value.start : value.end]

    def get(self, path: KeyPath) -> Any:
        value = self._find(path)
        return MISSING if value is None else value.data

    def put(self, path: KeyPath, value: Any) -> str:
        if self._document.root is None:
            return self._first_value(path, value)
        existing, rest = self._deepest(self._document.root, path)
        if not rest:
            return self._replace(existing, self._serialize(value, self._line_indent(existing.start)))
        for key in reversed(rest[1:]):
            value = {key: value}
        if existing.data is None:
            return self._replace(existing, self._serialize({rest[0]: value}, self._line_indent(existing.start)))
        if existing.members is None:
            raise MalformedTextError.at(self.text, existing.start, f"expected an object with the key {rest[0]}")
        return self._add(existing, rest[0], value)

    def put_raw(self, path: KeyPath, raw: str) -> str:
        if not path and self._document.root is None:  # the text was emptied since
            return self.text + raw
        value = self._require(path)
        if path or raw.strip():
            return self._replace(value, raw)
        above, below = self.text[: value.start], self.text[value.end :]
        return above.removesuffix(self._newline) + below if (above + below).strip() else raw

    def drop(self, path: KeyPath) -> str:
        members = self._require(path[:-1]).members or []
        index = next(index for index, member in enumerate(members) if member.key == path[-1])
        return splice(self.text, self._removal(members, index))

    def is_empty(self, path: KeyPath) -> bool:
        value = self._find(path)
        if value is None or value.data is None:
            return True
        return value.members == [] and not self.text[value.start + 1 : value.end - 1].strip()

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        edits = [(start, end, self.text[start : start + 2] + " …") for start, end in self._document.comments]
        if self._document.root is not None:
            edits += [
                (value.start, value.end, f'"{MASK}"')
                for path, value in scalars(self._document.root)
                if isinstance(value.data, str) and secret(path, value.data)
            ]
        return splice(self.text, edits)

    def _find(self, path: KeyPath) -> Value | None:
        if self._document.root is None:
            return None
        value, rest = self._deepest(self._document.root, path)
        return None if rest else value

    def _require(self, path: KeyPath) -> Value:
        value = self._find(path)
        if value is None:
            raise KeyError(path)
        return value

    def _deepest(self, value: Value, path: KeyPath) -> tuple[Value, KeyPath]:
        """The deepest existing value on `path` in `value`, and the missing rest of the path."""
        for index, key in enumerate(path):
            members = [member for member in value.members or () if member.key == key]
            if len(members) > 1:
                raise MalformedTextError.at(self.text, members[1].start, f"duplicate key {key}")
            if not members:
                return value, path[index:]
            value = members[0].value
        return value, ()

    def _replace(self, value: Value, raw: str) -> str:
        return self.text[: value.start] + raw + self.text[value.end :]

    def _first_value(self, path: KeyPath, value: Any) -> str:
        """Add a value to a text without one. Comments stay above it."""
        for key in reversed(path):
            value = {key: value}
        kept = self.text.rstrip()
        added = f"{self._newline if kept else ''}{self._serialize(value, '')}"
        return kept + added + (self.text[len(kept) :] or self._newline)

    def _add(self, container: Value, key: str, value: Any) -> str:
        members = container.members or []
        inside = self.text[container.start : container.end]
        is_single_line = bool(members) and "\n" not in inside and "\r" not in inside
        if is_single_line:
            lead, member = " ", f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        else:
            indent = self._member_indent(container)
            lead, member = self._newline + indent, f"{json.dumps(key)}: {self._serialize(value, indent)}"
        if not members:
            return self._add_first(container, lead + member)
        last = members[-1]
        if last.comma is not None:
            offset = self._after_comments(last.comma + 1)
            return splice(self.text, [(offset, offset, f"{lead}{member},")])
        offset = self._after_comments(last.value.end)
        return splice(self.text, [(last.value.end, last.value.end, ","), (offset, offset, lead + member)])

    def _add_first(self, container: Value, member: str) -> str:
        """Add a member to an empty object, after its comments."""
        comments = [end for start, end in self._document.comments if container.start < start < container.end]
        if not comments:
            closing = self._newline + self._line_indent(container.start)
            return self._replace(container, f"{{{member}{closing}}}")
        return splice(self.text, [(comments[-1], comments[-1], member)])

    def _removal(self, members: list[Member], index: int) -> list[tuple[int, int, str]]:
        member = members[index]
        above = max((end for _, end in self._document.comments if end <= member.start), default=0)
        start = max(above, len(self.text[: member.start].rstrip()))
        end = member.value.end
        after = end if member.comma is None else member.comma + 1
        if self._ends_line_comment(start) and not _rest_of_line_is_blank(self.text, after):
            start = member.start  # the text after it must not become part of the comment
        edits = [(start, end, "")]
        if member.comma is not None:
            edits.append((member.comma, after, ""))
        elif index and (comma := members[index - 1].comma) is not None:
            edits.append((comma, comma + 1, ""))
        return edits

    def _ends_line_comment(self, offset: int) -> bool:
        return any(end == offset and self.text.startswith("//", start) for start, end in self._document.comments)

    def _after_comments(self, offset: int) -> int:
        """The offset after the comments that follow on the same line."""
        comments = _SAME_LINE.match(self.text, offset)
        return comments.end() if comments else offset

    def _member_indent(self, container: Value) -> str:
        for member in reversed(container.members or []):
            if self._starts_line(member.start):
                return self._line_indent(member.start)
        return self._line_indent(container.start) + self._unit

    def _starts_line(self, offset: int) -> bool:
        return not self.text[:offset].rpartition("\n")[2].strip(" \t\r\ufeff")

    def _line_indent(self, offset: int) -> str:
        line = self.text[:offset].rpartition("\n")[2].lstrip("\ufeff")
        return line[: len(line) - len(line.lstrip(" \t"))]

    @property
    def _unit(self) -> str:
        indent = _INDENT.search(self.text)
        return indent[1] if indent else "  "

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _serialize(self, value: Any, indent: str) -> str:
        lines = json.dumps(value, indent=self._unit, ensure_ascii=False).split("\n")
        return f"{self._newline}{indent}".join(lines)


def _rest_of_line_is_blank(text: str, offset: int) -> bool:
    return re.compile(r"[ \t]*(?:[\r\n]|$)").match(text, offset) is not None
