"""What a file says where its text cannot be used."""

from __future__ import annotations


class BrokenTextError(Exception):
    """The text cannot be read, or not be edited safely: `line` and `column` count from 1, `why` is a sentence's end."""

    def __init__(self, line: int, column: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.column = column
        self.why = why

    @classmethod
    def at(cls, text: str, position: int, why: str) -> BrokenTextError:
        """The error at a position of `text`."""
        before = text[:position]
        return cls(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, why)
