"""Parse a GraphQL query: fields with aliases, arguments and inner fields, without fragments and directives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from gatewright.frozen import frozen

_TOKEN = re.compile(r'[\s,]+|#[^\n]*|("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\w+)|([{}()\[\]:$!=])')
MAX_DEPTH = 20


@frozen
class Field:
    """A requested field; `key` is its alias or its name."""

    name: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def parse(text: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a query. Raises ValueError with the reason in a few words."""
    parser = _Parser([*_tokens(text)], variables)
    return parser.document()


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unexpected character at {position}")
        position = match.end()
        if match.lastindex:
            yield match[0]


class _Parser:
    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self._tokens = [*reversed(tokens)]
        self._variables = variables

    def document(self) -> tuple[Field, ...]:
        if self._next_is("query"):
            self._take()
            while not self._next_is("{"):
                self._take()
        fields = self._selection(0)
        if self._tokens:
            raise ValueError(f"unexpected {self._take()}")
        return fields

    def _selection(self, depth: int) -> tuple[Field, ...]:
        if depth > MAX_DEPTH:
            raise ValueError("too many levels")
        self._take("{")
        fields = []
        while not self._next_is("}"):
            fields.append(self._field(depth))
        self._take("}")
        return tuple(fields)

    def _field(self, depth: int) -> Field:
        key = name = self._name()
        if self._next_is(":"):
            self._take()
            name = self._name()
        arguments = {}
        if self._next_is("("):
            arguments = self._entries("(", ")", depth)
        inner = self._selection(depth + 1) if self._next_is("{") else ()
        return Field(name, key, arguments, inner)

    def _entries(self, opening: str, closing: str, depth: int) -> dict[str, Any]:
        self._take(opening)
        entries = {}
        while not self._next_is(closing):
            name = self._name()
            self._take(":")
            entries[name] = self._value(depth + 1)
        self._take(closing)
        return entries

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError("too many levels")
        if self._next_is("{"):
            return self._entries("{", "}", depth)
        if self._next_is("["):
            self._take()
            values = []
            while not self._next_is("]"):
                values.append(self._value(depth + 1))
            self._take("]")
            return values
        if self._next_is("$"):
            self._take()
            name = self._name()
            if name not in self._variables:
                raise ValueError(f"variable {name} is not set")
            return self._variables[name]
        token = self._take()
        if token in ("true", "false", "null") or not token.isidentifier():
            return json.loads(token)
        return token  # an enum

    def _name(self) -> str:
        token = self._take()
        if not token.isidentifier():
            raise ValueError(f"expected a name, found {token}")
        return token

    def _next_is(self, token: str) -> bool:
        if not self._tokens:
            raise ValueError("unexpected end")
        return self._tokens[-1] == token

    def _take(self, expected: str | None = None) -> str:
        if not self._tokens:
            raise ValueError("unexpected end")
        token = self._tokens.pop()
        if expected is not None and token != expected:
            raise ValueError(f"expected {expected}, found {token}")
        return token
