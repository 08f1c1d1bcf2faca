"""Texts that a user wrote, edited by splicing: what is not touched stays byte for byte.

Every kind of text is a class with the same few methods, `Text`; a path is the keys on the way to a value, and an item
of a list goes by what its identifying key holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

Path = tuple[str, ...]


class Text(Protocol):
    """A text, read. An edit returns the new text as a whole, or raises BrokenTextError where it cannot be made."""

    @property
    def text(self) -> str:
        """As it stands in the file."""

    @property
    def data(self) -> Any:
        """What it says, as plain data; None where it says nothing."""

    def raw(self, path: Path) -> str | None:
        """The value at `path` as it is written; None where there is none."""

    def get(self, path: Path) -> Any:
        """The value at `path`, MISSING where there is none."""

    def put(self, path: Path, value: Any) -> str:
        """With `value` at `path`: in the place of what is there, else as the last of what holds it."""

    def put_raw(self, path: Path, raw: str) -> str:
        """With the value at `path`, which must be there, written as `raw`."""

    def drop(self, path: Path) -> str:
        """Without what stands at `path`: the exact inverse of a `put` that added it."""

    def bare(self, path: Path) -> bool:
        """Whether `path` holds a container with neither a member nor a comment in it, or nothing."""

    def redacted(self, secret: Callable[[Path, str], bool]) -> str:
        """As people may see it, line by line: texts for which `secret` holds, and comments, are masked."""


MISSING: Any = object()
"""What `get` returns where there is nothing: null is something."""
