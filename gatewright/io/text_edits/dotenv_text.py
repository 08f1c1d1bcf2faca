"""Edits of a dotenv file that leave every other byte alone: its lines are NAME=value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.io.formats import dumped, parsed
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.json_text import MASK, spliced

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.io.text_edits import Path

_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*"""
    r"""("(?:[^"\\]|\\.)*"[ \t]*(?:\#[^\r\n]*)?(?=\r?$)|'[^']*'[ \t]*(?:\#[^\r\n]*)?(?=\r?$)|[^\r\n]*)""",
    re.MULTILINE | re.DOTALL,
)
"""A quoted value may go on over several lines."""
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class EnvText:
    """A text of assignments; what it says is each variable as it is written, the last one where there are several."""

    text: str

    @property
    def data(self) -> Any:
        return {found[1]: self._value(found[1], found[2]) for found in self._lines()} or None

    def raw(self, path: Path) -> str | None:
        return self.text if not path else None

    def get(self, path: Path) -> Any:
        return (self.data or {}).get(path[0], MISSING)

    def put(self, path: Path, value: Any) -> str:
        line = dumped(".env", {path[0]: value}).rstrip("\n")
        for found in reversed(self._lines()):
            if found[1] == path[0]:
                return spliced(self.text, [(*found.span(), line)])
        if not self.text:
            return f"{line}\n"
        newline = "\r\n" if "\r\n" in self.text else "\n"
        end = len(self.text.removesuffix(newline))
        return spliced(self.text, [(end, end, newline + line)])

    def put_raw(self, path: Path, raw: str) -> str:  # noqa: ARG002  only the whole is ever put back
        return raw

    def drop(self, path: Path) -> str:
        found = next(found for found in reversed(self._lines()) if found[1] == path[0])
        start, end = found.span()
        before = len(self.text[:start].removesuffix("\n").removesuffix("\r"))
        return spliced(self.text, [(before, end, "")])

    def bare(self, path: Path) -> bool:
        return not path and not self.text.strip()

    def redacted(self, secret: Callable[[Path, str], bool]) -> str:
        edits = [(*found.span(), "# …") for found in _COMMENT.finditer(self.text) if self._begins_line(found.start())]
        edits += [(*found.span(2), MASK) for found in self._lines() if secret((found[1],), found[2])]
        return spliced(self.text, edits)

    def _lines(self) -> list[re.Match[str]]:
        return list(_LINE.finditer(self.text))

    def _begins_line(self, at: int) -> bool:
        return not self.text[:at].rpartition("\n")[2].strip()

    def _value(self, name: str, written: str) -> Any:
        try:
            return parsed(".env", f"{name}={written}")[name]
        except ValueError:
            return written
