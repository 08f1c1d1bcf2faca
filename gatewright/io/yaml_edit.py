"""Edits of a YAML file that a user wrote: comments, quoting and flow style stay, and so does every other line.

edit = YamlEdit.open(path, shown)
edit.set(("tokens", "agents", "rotate", "epoch"), 2)
edit.diff()     # what would change
edit.write()    # at once, and only over what was read
"""

from __future__ import annotations

import difflib
import io
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import FileRefusedError
from gatewright.io import atomic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ruamel.yaml import YAML

_WIDTH = 1_000_000
"""Columns after which a line is broken: never."""


@dataclass(slots=True)
class YamlEdit:
    """The file at `path`, called `shown` in messages, and what it is to hold."""

    path: Path
    shown: str
    before: str
    after: str

    @classmethod
    def open(cls, path: Path, shown: str) -> YamlEdit:
        """Reads the file. Raises FileRefusedError for a symlink, and for a file that may not be written."""
        if path.is_symlink():
            raise FileRefusedError(f"{shown} is a symlink", f"Edit {path.resolve()} yourself")
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise FileRefusedError(f"{shown} may not be written", f"chmod u+w {shown}, and its folder")
        text = path.read_bytes().decode("utf-8")
        return cls(path, shown, text, text)

    def set(self, keys: Sequence[str], value: int | str | Mapping[str, Any]) -> None:
        """Gives the setting at `keys` another value; mappings on the way to it are made, in flow style."""
        yaml = _round_trip(self.before)
        root = yaml.load(self.after)
        there: Any = root
        for index, key in enumerate(keys[:-1]):
            if there.get(key) is None:
                there[key] = _mapping({}, flow=index > 0)
            there = there[key]
        there[keys[-1]] = _mapping(value, flow=True) if isinstance(value, dict) else value
        stream = io.StringIO()
        yaml.dump(root, stream)
        self.after = _least(self.after, stream.getvalue())

    def diff(self) -> list[str]:
        """What changes, as lines of a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), self.shown, self.shown, n=1, lineterm=""
        )
        return list(lines)

    def write(self) -> None:
        """Puts it in the place of what was read. Raises FileRefusedError where that has changed meanwhile."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            data, mode = atomic.read(folder, self.path.name)
            if data != self.before.encode():
                raise FileRefusedError(f"{self.shown} was changed meanwhile", "Run it again")
            atomic.replace(folder, self.path.name, self.after.encode(), mode)
        finally:
            os.close(folder)


def _round_trip(text: str) -> YAML:
    from ruamel.yaml import YAML  # takes a tenth of a second

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True  # [{10%: a/b}] stays as it is
    yaml.width = _WIDTH
    yaml.explicit_start = text.startswith("---")
    indented = re.search(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n( +)[^\s#-]", text, re.MULTILINE)
    yaml.indent(mapping=len(indented[1]) if indented else 2)
    yaml.line_break = "\r\n" if "\r\n" in text else None  # type: ignore[assignment]  # declared as None alone
    return yaml


def _mapping(values: Mapping[str, Any], *, flow: bool) -> Any:
    from ruamel.yaml.comments import CommentedMap

    made = CommentedMap(values)
    if flow:
        made.fa.set_flow_style()
    return made


def _least(before: str, after: str) -> str:
    """`after`, but for lines that differ in their spaces only: those stay as the user has them."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    plain_old, plain_new = (["".join(line.split()) for line in lines] for lines in (old, new))
    kept: list[str] = []
    for what, start, end, first, last in difflib.SequenceMatcher(
        None, plain_old, plain_new, autojunk=False
    ).get_opcodes():
        kept += old[start:end] if what == "equal" else new[first:last]
    return "".join(kept)
