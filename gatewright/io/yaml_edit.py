"""Set values in a YAML file that a user wrote. Every byte outside the edit stays.

edit = YamlEdit.open(path, shown)
edit.set(("tokens", "agents", "rotate", "epoch"), 2)
edit.add(("roles",), {"coder": "mistral/codestral"})     # new keys only
edit.append(("use",), ["mistral"])
edit.diff()     # the changes
edit.write()    # atomically, and only over the text that was read
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import FileRefusedError
from gatewright.io import atomic
from gatewright.io.system import OPEN_FOLDER
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.yaml_values import add_members, append_items, set_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(slots=True)
class YamlEdit:
    """The file at `path`, named `shown` in messages, with its text before and after the edit."""

    path: Path
    shown: str
    before: str
    after: str

    @classmethod
    def open(cls, path: Path, shown: str) -> YamlEdit:
        """Read the file. Raises FileRefusedError for a symlink, and for a file that is not writable."""
        if path.is_symlink():
            raise FileRefusedError(f"{shown} is a symlink", f"Edit {path.resolve()} yourself")
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise FileRefusedError(f"{shown} is not writable", f"chmod u+w {shown}, and its folder")
        text = path.read_bytes().decode("utf-8")
        return cls(path, shown, text, text)

    def set(self, keys: Sequence[str], value: Any) -> None:
        """Set the value at `keys`. Missing mappings on the way are created, in flow style.

        Raises:
            FileRefusedError: the value cannot be set without changing other settings.
        """
        self._edit(lambda text: set_value(text, keys, value))

    def add(self, keys: Sequence[str], members: Mapping[str, Any]) -> None:
        """Add keys that do not exist yet to the mapping at `keys`, in block style. Raises as `set`."""
        self._edit(lambda text: add_members(text, keys, members))

    def append(self, keys: Sequence[str], items: Sequence[str]) -> None:
        """Append items to the list at `keys`, which must exist. Raises as `set`."""
        self._edit(lambda text: append_items(text, keys, items))

    def _edit(self, edited: Callable[[str], str]) -> None:
        try:
            self.after = edited(self.after)
        except MalformedTextError as error:
            place = f"{self.shown}:{error.line}:{error.column}"
            raise FileRefusedError(f"{place} cannot be edited: {error.reason}", "Edit it yourself") from None

    def diff(self) -> list[str]:
        """The changes, as lines of a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), self.shown, self.shown, n=1, lineterm=""
        )
        return list(lines)

    def write(self) -> None:
        """Replace the file. Raises FileRefusedError where it has changed since it was read."""
        folder = os.open(self.path.parent, OPEN_FOLDER)
        try:
            data, mode = atomic.read(folder, self.path.name)
            if data != self.before.encode():
                raise FileRefusedError(f"{self.shown} has changed since it was read", "Run the command again")
            atomic.replace(folder, self.path.name, self.after.encode(), mode)
        finally:
            os.close(folder)
