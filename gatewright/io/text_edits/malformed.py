"""The error of a text that cannot be read or edited, with its location."""

from __future__ import annotations


class MalformedTextError(Exception):
    """The text cannot be read or edited safely. `line` and `column` count from 1; `reason` completes a sentence."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column
        self.reason = reason

    @classmethod
    def at(cls, text: str, offset: int, reason: str) -> MalformedTextError:
        """Create the error at an offset of `text`."""
        before = text[:offset]
        return cls(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1, reason)
