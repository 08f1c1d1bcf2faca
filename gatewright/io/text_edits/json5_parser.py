"""JSON, JSONC and JSON5 with the place of every value: what an edit needs that must leave every other byte alone.

Of the libraries, json5 forgets comments and layout, and json-five takes four seconds for 120 KB. Written by the grammar
of JSON5 (spec.json5.org, 1.0.0); names beyond it are taken as the programs take them, by letters and digits.
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
_DEEPEST = 200


@dataclass(slots=True)
class Value:
    """A value and where it stands; `members` where it is an object, `items` where it is an array."""

    start: int
    end: int
    data: Any
    members: list[Member] | None = None
    items: list[Value] | None = None


@dataclass(slots=True)
class Member:
    """One `key: value` of an object; `comma` is where the one after it stands."""

    key: str
    start: int
    value: Value
    comma: int | None = None


@dataclass(slots=True)
class Read:
    """A whole text: its value, None where it holds nothing, and its comments by where they begin and end."""

    root: Value | None
    comments: list[tuple[int, int]] = field(default_factory=list)


def read(text: str) -> Read:
    """The value of `text`. Raises MalformedTextError with the place where it cannot be read."""
    reader = _Reader(text)
    reader.skip()
    root = reader.value(0) if reader.at < len(text) else None
    reader.skip()
    if reader.at < len(text):
        raise reader.broken("something follows the end")
    return Read(root, reader.comments)


def scalars(value: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """All values under `value` that are neither object nor array, with the keys on the way to them."""
    if value.members is not None:
        for member in value.members:
            yield from scalars(member.value, (*path, member.key))
    elif value.items is not None:
        for item in value.items:
            yield from scalars(item, path)
    else:
        yield path, value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.comments: list[tuple[int, int]] = []

    def broken(self, why: str) -> MalformedTextError:
        return MalformedTextError.at(self.text, self.at, why)

    def skip(self) -> None:
        """Over blanks and comments."""
        while self.at < len(self.text):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif self.text[self.at] == "/":
                comment = _COMMENT.match(self.text, self.at)
                if comment is None:
                    raise self.broken("a comment does not end")
                self.comments.append(comment.span())
                self.at = comment.end()
            else:
                return

    def value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise self.broken(f"values stand deeper than {_DEEPEST} in each other")
        character = self._next("a value")
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        start = self.at
        if character in _STRING:
            return self._scalar(start, self._string())
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            return self._scalar(start, _number(number[0]))
        if (word := _NAME.match(self.text, self.at)) and word[0] in _WORDS:
            self.at = word.end()
            return self._scalar(start, _WORDS[word[0]])
        raise self.broken("a value is expected here")

    def _scalar(self, start: int, data: Any) -> Value:
        return Value(start, self.at, data)

    def _object(self, depth: int) -> Value:
        start, members = self.at, list[Member]()
        self.at += 1
        while self._next("}") != "}":
            if members and members[-1].comma is None:
                raise self.broken("a comma or } is expected here")
            begin, key = self.at, self._key()
            if self._next(":") != ":":
                raise self.broken("a colon is expected here")
            self.at += 1
            self.skip()
            members.append(Member(key, begin, self.value(depth + 1)))
            if self._next("}") == ",":
                members[-1].comma = self.at
                self.at += 1
        self.at += 1
        return Value(start, self.at, {each.key: each.value.data for each in members}, members=members)

    def _array(self, depth: int) -> Value:
        start, items, more = self.at, list[Value](), True
        self.at += 1
        while self._next("]") != "]":
            if not more:
                raise self.broken("a comma or ] is expected here")
            items.append(self.value(depth + 1))
            more = self._next("]") == ","
            self.at += more
        self.at += 1
        return Value(start, self.at, [each.data for each in items], items=items)

    def _key(self) -> str:
        if self.text[self.at] in _STRING:
            return self._string()
        name = _NAME.match(self.text, self.at)
        if name is None or name[0][0].isdigit():
            raise self.broken("a key is expected here")
        self.at = name.end()
        return _unescaped(name[0])

    def _string(self) -> str:
        found = _STRING[self.text[self.at]].match(self.text, self.at)
        if found is None:
            raise self.broken("a text does not end on its line")
        self.at = found.end()
        return _unescaped(found[0][1:-1])

    def _next(self, expected: str) -> str:
        """The character after blanks and comments."""
        self.skip()
        if self.at >= len(self.text):
            raise self.broken(f"the file ends where {expected} is expected")
        return self.text[self.at]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: _character(found[1] or found[2], found[3]), text)
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
