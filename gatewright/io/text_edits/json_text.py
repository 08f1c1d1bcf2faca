"""Edits of JSON, JSONC and JSON5 that leave every other byte alone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.json5_parser import Member, Read, Value, read, scalars
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.splice import MASK, splice

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath

_SAME_LINE = re.compile(r"(?:[ \t]*/\*[^\n\r]*?\*/)*(?:[ \t]*//[^\n\r]*)?")
_INDENT = re.compile(r"[\r\n]([ \t]+)\S")


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text of JSON5, and so of JSON and JSONC."""

    text: str
    _read: Read

    @classmethod
    def of(cls, text: str) -> JsonText:
        """Reads `text`. Raises MalformedTextError where it is none, or holds something else than one object."""
        found = read(text)
        if found.root is not None and found.root.members is None:
            raise MalformedTextError.at(text, found.root.start, "it holds no object")
        return cls(text, found)

    @property
    def data(self) -> Any:
        return self._read.root.data if self._read.root else None

    def raw(self, path: KeyPath) -> str | None:
        found = self._find(path)
        if found is None:
            return None if path else self.text if not self.text.strip() else ""
        return self.text[found.start : found.end]

    def get(self, path: KeyPath) -> Any:
        found = self._find(path)
        return MISSING if found is None else found.data

    def put(self, path: KeyPath, value: Any) -> str:
        if self._read.root is None:
            return self._nothing_but(path, value)
        there, rest = self._deepest(self._read.root, path)
        if not rest:
            return self._with(there, self._written(value, self._line_indent(there.start)))
        for key in reversed(rest[1:]):
            value = {key: value}
        if there.data is None:
            return self._with(there, self._written({rest[0]: value}, self._line_indent(there.start)))
        if there.members is None:
            raise MalformedTextError.at(self.text, there.start, f"{rest[0]} has no place here: it is no object")
        return self._add(there, rest[0], value)

    def put_raw(self, path: KeyPath, raw: str) -> str:
        if not path and self._read.root is None:  # it was emptied since
            return self.text + raw
        found = self._present(path)
        if path or raw.strip():
            return self._with(found, raw)
        above, below = self.text[: found.start], self.text[found.end :]
        return above.removesuffix(self._newline) + below if (above + below).strip() else raw

    def drop(self, path: KeyPath) -> str:
        members = self._present(path[:-1]).members or []
        index = next(index for index, each in enumerate(members) if each.key == path[-1])
        return splice(self.text, self._removal(members, index))

    def is_empty(self, path: KeyPath) -> bool:
        found = self._find(path)
        if found is None or found.data is None:
            return True
        return found.members == [] and not self.text[found.start + 1 : found.end - 1].strip()

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        edits = [(start, end, self.text[start : start + 2] + " …") for start, end in self._read.comments]
        if self._read.root is not None:
            edits += [
                (each.start, each.end, f'"{MASK}"')
                for path, each in scalars(self._read.root)
                if isinstance(each.data, str) and secret(path, each.data)
            ]
        return splice(self.text, edits)

    def _find(self, path: KeyPath) -> Value | None:
        if self._read.root is None:
            return None
        there, rest = self._deepest(self._read.root, path)
        return None if rest else there

    def _present(self, path: KeyPath) -> Value:
        found = self._find(path)
        if found is None:
            raise KeyError(path)
        return found

    def _deepest(self, there: Value, path: KeyPath) -> tuple[Value, KeyPath]:
        """The value at `path` below `there` or the nearest above it, and what of the path is missing then."""
        for index, key in enumerate(path):
            matching = [each for each in there.members or () if each.key == key]
            if len(matching) > 1:
                raise MalformedTextError.at(self.text, matching[1].start, f"{key} stands here a second time")
            if not matching:
                return there, path[index:]
            there = matching[0].value
        return there, ()

    def _with(self, value: Value, raw: str) -> str:
        return self.text[: value.start] + raw + self.text[value.end :]

    def _nothing_but(self, path: KeyPath, value: Any) -> str:
        """In a text with nothing in it, comments at most: they stay above."""
        for key in reversed(path):
            value = {key: value}
        kept = self.text.rstrip()
        written = f"{self._newline if kept else ''}{self._written(value, '')}"
        return kept + written + (self.text[len(kept) :] or self._newline)

    def _add(self, holder: Value, key: str, value: Any) -> str:
        members = holder.members or []
        inside = self.text[holder.start : holder.end]
        make_single_line = bool(members) and "\n" not in inside and "\r" not in inside
        if make_single_line:
            lead, member = " ", f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        else:
            indent = self._member_indent(holder)
            lead, member = self._newline + indent, f"{json.dumps(key)}: {self._written(value, indent)}"
        if not members:
            return self._add_first(holder, lead + member)
        last = members[-1]
        if last.comma is not None:
            at = self._end_of_line(last.comma + 1)
            return splice(self.text, [(at, at, f"{lead}{member},")])
        at = self._end_of_line(last.value.end)
        return splice(self.text, [(last.value.end, last.value.end, ","), (at, at, lead + member)])

    def _add_first(self, holder: Value, member: str) -> str:
        """After the comments in an empty object; one without any is written anew."""
        comments = [end for start, end in self._read.comments if holder.start < start < holder.end]
        if not comments:
            closing = self._newline + self._line_indent(holder.start)
            return self._with(holder, f"{{{member}{closing}}}")
        return splice(self.text, [(comments[-1], comments[-1], member)])

    def _removal(self, members: list[Member], index: int) -> list[tuple[int, int, str]]:
        member = members[index]
        above = max((end for _, end in self._read.comments if end <= member.start), default=0)
        start = max(above, len(self.text[: member.start].rstrip()))
        end = member.value.end
        after = end if member.comma is None else member.comma + 1
        if self._ends_line_comment(start) and not _rest_of_line_is_blank(self.text, after):
            start = member.start  # what follows must not slip into the comment
        edits = [(start, end, "")]
        if member.comma is not None:
            edits.append((member.comma, after, ""))
        elif index and (comma := members[index - 1].comma) is not None:
            edits.append((comma, comma + 1, ""))
        return edits

    def _ends_line_comment(self, at: int) -> bool:
        return any(end == at and self.text.startswith("//", start) for start, end in self._read.comments)

    def _end_of_line(self, at: int) -> int:
        """Behind the comments that belong to what ends at `at`."""
        found = _SAME_LINE.match(self.text, at)
        return found.end() if found else at

    def _member_indent(self, holder: Value) -> str:
        for member in reversed(holder.members or []):
            if self._starts_line(member.start):
                return self._line_indent(member.start)
        return self._line_indent(holder.start) + self._unit

    def _starts_line(self, at: int) -> bool:
        return not self.text[:at].rpartition("\n")[2].strip(" \t\r\ufeff")

    def _line_indent(self, at: int) -> str:
        line = self.text[:at].rpartition("\n")[2].lstrip("\ufeff")
        return line[: len(line) - len(line.lstrip(" \t"))]

    @property
    def _unit(self) -> str:
        found = _INDENT.search(self.text)
        return found[1] if found else "  "

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _written(self, value: Any, indent: str) -> str:
        lines = json.dumps(value, indent=self._unit, ensure_ascii=False).split("\n")
        return f"{self._newline}{indent}".join(lines)


def _rest_of_line_is_blank(text: str, at: int) -> bool:
    return re.compile(r"[ \t]*(?:[\r\n]|$)").match(text, at) is not None
