"""A parser of JSON, JSONC and JSON5 that keeps the offsets of values and comments, as edits by splicing need them.

The library json5 drops comments and layout, and json-five takes four seconds for 120 KB. The grammar is that of JSON5
(spec.json5.org, 1.0.0); like the client programs, it accepts any letters and digits in names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.io.text_edits.malformed import MalformedTextError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"[\s\ufeff]+")
_COMMENT = re.compile(r"//[^\n\r\u2028\u2029]*|/\*.*?\*/", re.DOTALL)
_STRING = {quote: re.compile(rf"{quote}(?:[^{quote}\\\n\r]|\\(?:\r\n|.))*{quote}", re.DOTALL) for quote in "\"'"}
_NAME = re.compile(r"(?:[\w$\u200c\u200d]|\\u[0-9a-fA-F]{4})+")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|Infinity|NaN|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.$])"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_ESCAPED |= dict.fromkeys(("\n", "\r", "\r\n", "\u2028", "\u2029"), "")
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 200


@dataclass(slots=True)
class Value:
    """A value and its offsets; `members` of an object, `items` of an array."""

    start: int
    end: int
    data: Any
    members: list[Member] | None = None
    items: list[Value] | None = None


@dataclass(slots=True)
class Member:
    """One `key: value` of an object; `comma` is the offset of the comma after it."""

    key: str
    start: int
    value: Value
    comma: int | None = None


@dataclass(slots=True)
class Document:
    """A parsed text: its value, None if it has none, and the start and end of each comment."""

    root: Value | None
    comments: list[tuple[int, int]] = field(default_factory=list)


def parse(text: str) -> Document:
    """Parse `text`. Raises MalformedTextError."""
    parser = _Parser(text)
    parser.skip()
    root = parser.value(0) if parser.offset < len(text) else None
    parser.skip()
    if parser.offset < len(text):
        raise parser.error("expected the end of the file")
    return Document(root, parser.comments)


def scalars(value: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """The values in `value` that are neither object nor array, with their key paths."""
    if value.members is not None:
        for member in value.members:
            yield from scalars(member.value, (*path, member.key))
    elif value.items is not None:
        for item in value.items:
            yield from scalars(item, path)
    else:
        yield path, value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.comments: list[tuple[int, int]] = []

    def error(self, reason: str) -> MalformedTextError:
        return MalformedTextError.at(self.text, self.offset, reason)

    def skip(self) -> None:
        """Skip blanks and comments."""
        while self.offset < len(self.text):
            if blank := _BLANK.match(self.text, self.offset):
                self.offset = blank.end()
            elif self.text[self.offset] == "/":
                comment = _COMMENT.match(self.text, self.offset)
                if comment is None:
                    raise self.error("the comment is not closed")
                self.comments.append(comment.span())
                self.offset = comment.end()
            else:
                return

    def value(self, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise self.error(f"values are nested deeper than {_MAX_DEPTH}")
        character = self._next("a value")
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        start = self.offset
        if character in _STRING:
            return self._scalar(start, self._string())
        if number := _NUMBER.match(self.text, self.offset):
            self.offset = number.end()
            return self._scalar(start, _number(number[0]))
        if (word := _NAME.match(self.text, self.offset)) and word[0] in _WORDS:
            self.offset = word.end()
            return self._scalar(start, _WORDS[word[0]])
        raise self.error("expected a value")

    def _scalar(self, start: int, data: Any) -> Value:
        return Value(start, self.offset, data)

    def _object(self, depth: int) -> Value:
        start, members = self.offset, list[Member]()
        self.offset += 1
        while self._next("}") != "}":
            if members and members[-1].comma is None:
                raise self.error("expected a comma or }")
            begin, key = self.offset, self._key()
            if self._next(":") != ":":
                raise self.error("expected a colon")
            self.offset += 1
            self.skip()
            members.append(Member(key, begin, self.value(depth + 1)))
            if self._next("}") == ",":
                members[-1].comma = self.offset
                self.offset += 1
        self.offset += 1
        return Value(start, self.offset, {member.key: member.value.data for member in members}, members=members)

    def _array(self, depth: int) -> Value:
        start, items, has_more = self.offset, list[Value](), True
        self.offset += 1
        while self._next("]") != "]":
            if not has_more:
                raise self.error("expected a comma or ]")
            items.append(self.value(depth + 1))
            has_more = self._next("]") == ","
            self.offset += has_more
        self.offset += 1
        return Value(start, self.offset, [item.data for item in items], items=items)

    def _key(self) -> str:
        if self.text[self.offset] in _STRING:
            return self._string()
        name = _NAME.match(self.text, self.offset)
        if name is None or name[0][0].isdigit():
            raise self.error("expected a key")
        self.offset = name.end()
        return _unescaped(name[0])

    def _string(self) -> str:
        string = _STRING[self.text[self.offset]].match(self.text, self.offset)
        if string is None:
            raise self.error("the string is not closed")
        self.offset = string.end()
        return _unescaped(string[0][1:-1])

    def _next(self, expected: str) -> str:
        """The next character after blanks and comments."""
        self.skip()
        if self.offset >= len(self.text):
            raise self.error(f"expected {expected}, found the end of the file")
        return self.text[self.offset]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda escape: _character(escape[1] or escape[2], escape[3]), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # \\ud83d\\ude00 is one character


def _character(code: str | None, escaped: str) -> str:
    return chr(int(code, 16)) if code else _ESCAPED.get(escaped, escaped)


def _number(text: str) -> int | float:
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-")
    if digits in ("Infinity", "NaN"):
        return sign * float(digits.lower()[:3])
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits, 16)
    return sign * (int(digits) if digits.isdigit() and len(digits) <= 300 else float(digits))
