"""GitHub's expressions, as far as the workflows use them, over contexts by their text: `needs.validate.result`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Contexts = Mapping[str, str]

_TOKEN = re.compile(r"\s*('[^']*'|\|\||&&|==|!=|!|\(|\)|[\w.-]+(?:\(\))?)")


def evaluated(expression: str, known: Contexts) -> str:
    """Its value as a text; true and false are `true` and the empty text, as is what is not known."""
    reader = _Reader(expression, known)
    value = reader.either()
    assert not reader.left, f"not understood: {reader.left} in {expression}"
    return value


class _Reader:
    def __init__(self, expression: str, known: Contexts) -> None:
        self.left = _TOKEN.findall(expression)
        assert re.sub(r"\s", "", "".join(self.left)) == re.sub(r"\s", "", expression), f"not understood: {expression}"
        self._known = known

    def either(self) -> str:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> str:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> str:
        value = self._one()
        if self._takes("=="):
            return _text(value == self._one())
        if self._takes("!="):
            return _text(value != self._one())
        return value

    def _one(self) -> str:
        if self._takes("!"):
            return _text(not self._one())
        if self._takes("("):
            value = self.either()
            assert self._takes(")")
            return value
        token = self.left.pop(0)
        return token[1:-1] if token.startswith("'") else self._known.get(token, "")

    def _takes(self, token: str) -> bool:
        found = self.left[:1] == [token]
        if found:
            del self.left[0]
        return found


def _text(value: bool) -> str:
    return "true" if value else ""
