"""Edit a dotenv file of NAME=value lines; every byte outside an edit stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.formats import parse, serialize
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.splice import MASK, splice

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import KeyPath

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*"""
    r"""("(?:[^"\\]|\\.)*"[ \t]*(?:\#[^\r\n]*)?(?=\r?$)|'[^']*'[ \t]*(?:\#[^\r\n]*)?(?=\r?$)|[^\r\n]*)""",
    re.MULTILINE | re.DOTALL,
)
"""A quoted value may span several lines."""
_COMMENT = re.compile(r"#[^\r\n]*")


@frozen
class DotenvText:
    """A text of assignments. Of several assignments to a variable, the last one applies."""

    text: str

    @property
    def data(self) -> Any:
        return {line[1]: self._value(line[1], line[2]) for line in self._lines()} or None

    def raw(self, path: KeyPath) -> str | None:
        return self.text if not path else None

    def get(self, path: KeyPath) -> Any:
        return (self.data or {}).get(path[0], MISSING)

    def put(self, path: KeyPath, value: Any) -> str:
        added = serialize(".env", {path[0]: value}).rstrip("\n")
        for line in reversed(self._lines()):
            if line[1] == path[0]:
                return splice(self.text, [(*line.span(), added)])
        if not self.text:
            return f"{added}\n"
        newline = "\r\n" if "\r\n" in self.text else "\n"
        end = len(self.text.removesuffix(newline))
        return splice(self.text, [(end, end, newline + added)])

    def put_raw(self, path: KeyPath, raw: str) -> str:  # noqa: ARG002  only the whole text is restored
        return raw

    def drop(self, path: KeyPath) -> str:
        start, end = next(line for line in reversed(self._lines()) if line[1] == path[0]).span()
        before = len(self.text[:start].removesuffix("\n").removesuffix("\r"))
        return splice(self.text, [(before, end, "")])

    def is_empty(self, path: KeyPath) -> bool:
        return not path and not self.text.strip()

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        comments = (comment for comment in _COMMENT.finditer(self.text) if self._starts_line(comment.start()))
        edits = [(*comment.span(), "# …") for comment in comments]
        edits += [(*line.span(2), MASK) for line in self._lines() if secret((line[1],), line[2])]
        return splice(self.text, edits)

    def _lines(self) -> list[re.Match[str]]:
        return list(_LINE.finditer(self.text))

    def _starts_line(self, offset: int) -> bool:
        return not self.text[:offset].rpartition("\n")[2].strip()

    def _value(self, name: str, text: str) -> Any:
        try:
            return parse(".env", f"{name}={text}")[name]
        except ValueError:
            return text
