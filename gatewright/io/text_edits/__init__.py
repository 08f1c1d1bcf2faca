"""Edit files that users wrote, by splicing: every byte outside the edit stays.

Each file format is a class with the methods of `EditableText`. A value is named by its key path; an item of a list is
named by the value of its identity key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

KeyPath = tuple[str, ...]


class EditableText(Protocol):
    """A parsed text. Edits return the whole new text.

    Raises:
        MalformedTextError: an edit is not possible.
    """

    @property
    def text(self) -> str:
        """The text as it is in the file."""

    @property
    def data(self) -> Any:
        """The content as plain data; None for an empty document."""

    def raw(self, path: KeyPath) -> str | None:
        """The source text of the value at `path`; None where there is none."""

    def get(self, path: KeyPath) -> Any:
        """The value at `path`, or MISSING."""

    def put(self, path: KeyPath, value: Any) -> str:
        """Set the value at `path`. A new key becomes the last one of its container."""

    def put_raw(self, path: KeyPath, raw: str) -> str:
        """Replace the source text of the value at `path`, which must exist."""

    def drop(self, path: KeyPath) -> str:
        """Remove the value at `path`. Exactly reverts the `put` that added it."""

    def is_empty(self, path: KeyPath) -> bool:
        """Whether `path` has no value, or a container without members and comments."""

    def redacted(self, secret: Callable[[KeyPath, str], bool]) -> str:
        """The text for display, line by line: comments and the strings for which `secret` holds are masked."""


def path_name(path: KeyPath) -> str:
    """The path for display."""
    return ".".join(path) if path else "the file"


def value_at(data: Any, path: KeyPath) -> Any:
    """The value at `path` of nested mappings; None where there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


MISSING: Any = object()
"""Returned by `get` where there is no value; null is a value."""
