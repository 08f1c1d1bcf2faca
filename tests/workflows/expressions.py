"""Evaluate the parts of GitHub's expressions that the workflows use. Contexts are named by text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Contexts = Mapping[str, str]

_TOKEN = re.compile(r"\s*('[^']*'|\|\||&&|==|!=|!|\(|\)|[\w.-]+(?:\([^()]*\))?)")


def evaluate(expression: str, known: Contexts) -> str:
    """The value as text. False and unknown contexts are the empty text."""
    parser = _Parser(expression, known)
    value = parser.any_of()
    assert not parser.left, f"cannot parse {parser.left} in {expression}"
    return value


class _Parser:
    def __init__(self, expression: str, known: Contexts) -> None:
        self.left = _TOKEN.findall(expression)
        assert re.sub(r"\s", "", "".join(self.left)) == re.sub(r"\s", "", expression), f"cannot parse {expression}"
        self._known = known

    def any_of(self) -> str:
        value = self._all_of()
        while self._accept("||"):
            other = self._all_of()
            value = value or other
        return value

    def _all_of(self) -> str:
        value = self._comparison()
        while self._accept("&&"):
            other = self._comparison()
            value = value and other
        return value

    def _comparison(self) -> str:
        value = self._operand()
        if self._accept("=="):
            return _text(value == self._operand())
        if self._accept("!="):
            return _text(value != self._operand())
        return value

    def _operand(self) -> str:
        if self._accept("!"):
            return _text(not self._operand())
        if self._accept("("):
            value = self.any_of()
            assert self._accept(")")
            return value
        token = self.left.pop(0)
        return token[1:-1] if token.startswith("'") else self._known.get(token, "")

    def _accept(self, token: str) -> bool:
        matches = self.left[:1] == [token]
        if matches:
            del self.left[0]
        return matches


def _text(value: bool) -> str:
    return "true" if value else ""
