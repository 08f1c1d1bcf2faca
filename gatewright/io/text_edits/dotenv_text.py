"""Edits of a dotenv file that leave every other byte alone: its lines are NAME=value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
"""A quoted value may go on over several lines."""
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class DotenvText:
    """A text of assignments; what it says is each variable as it is written, the last one where there are several."""

    text: str

    @property
    def data(self) -> Any:
        return {found[1]: self._value(found[1], found[2]) for found in self._lines()} or None

    def raw(self, path: KeyPath) -> str | None:
        return self.text if not path else None

    def get(self, path: KeyPath) -> Any:
        return (self.data or {}).get(path[0], MISSING)

    def put(self, path: KeyPath, value: Any) -> str:
        line = serialize(".env", {path[0]: value}).rstrip("\n")
        for found in reversed(self._lines()):
            if found[1] == path[0]:
                return splice(self.text, [(*found.span(), line)])
        if not self.text:
            return f"{line}\n"
        newline = "\r\n" if "\r\n" in self.text else "\n"
        end = len(self.text.removesuffix(newline))
        return splice(self.text, [(end, end, newline + line)])

    def put_raw(self, path: KeyPath, raw: str) -> str:  # noqa: ARG002  only the whole is ever put back
        return raw

    def drop(self, path: KeyPath) -> str:
        found = next(found for found in reversed(self._lines()) if found[1] == path[0])
        start, end = found.span()
        before = len(self.text[:start].removesuffix("\n").removesuffix("\r"))
        return splice(self.text, [(before, end, "")])

    def is_empty(self, path: KeyPath) -> bool:
        return not path and not self.text.strip()

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        edits = [(*found.span(), "# …") for found in _COMMENT.finditer(self.text) if self._begins_line(found.start())]
        edits += [(*found.span(2), MASK) for found in self._lines() if secret((found[1],), found[2])]
        return splice(self.text, edits)

    def _lines(self) -> list[re.Match[str]]:
        return list(_LINE.finditer(self.text))

    def _begins_line(self, at: int) -> bool:
        return not self.text[:at].rpartition("\n")[2].strip()

    def _value(self, name: str, written: str) -> Any:
        try:
            return parse(".env", f"{name}={written}")[name]
        except ValueError:
            return written
