"""The user's own settings, read to find conflicts with what install adds. They are never edited here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from gatewright.clients.common.machine import Machine
from gatewright.frozen import frozen
from gatewright.io.text_edits import KeyPath, value_at
from gatewright.io.text_edits.dotenv_text import DotenvText
from gatewright.io.text_edits.json5_parser import Document, parse
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.yaml_document import YamlDocument, find_pair
from gatewright.io.untrusted import read_regular_file

MAX_SIZE = 5 * 1024 * 1024  # bytes; a larger file is not a settings file


@frozen
class SettingsData:
    """Settings as plain data."""

    data: Any

    def get(self, *path: str) -> Any:
        """The value at `path`; None if there is none."""
        return value_at(self.data, path)

    def mapping(self, *path: str) -> dict[str, Any]:
        """The mapping at `path`; empty for anything else."""
        value = self.get(*path)
        return value if isinstance(value, dict) else {}


@frozen
class UserSettings(SettingsData):
    """One settings file; `data` is empty if there is no file or the program could not read it either."""

    path: Path
    shown: str
    text: str

    def location(self, *path: str) -> str:
        """The file and the line of `path`: `~/.claude/settings.json:3`."""
        return f"{self.shown}:{self._line(path)}"

    def _line(self, path: KeyPath) -> int:
        if self.path.suffix in (".json", ".jsonc", ".json5"):
            offset = _json_offset(parse(self.text), path)
        elif self.path.suffix in (".yaml", ".yml"):
            offset = _yaml_offset(self.text, path)
        else:
            offset = _assignment_offset(self.text, path[-1])
        return self.text.count("\n", 0, offset) + 1


def read_settings(machine: Machine, path: Path) -> UserSettings:
    """The settings in the file at `path`, in the format that its name implies; a name without one is a dotenv file."""
    try:
        content = read_regular_file(path, MAX_SIZE + 1)
        text = content.decode("utf-8-sig") if len(content) <= MAX_SIZE else ""
        data = _parse(path, text)
    except (OSError, ValueError, MalformedTextError, RecursionError):  # tomllib reads nested values recursively
        text, data = "", {}
    return UserSettings(data, path, machine.shown(path), text)


def _parse(path: Path, text: str) -> Any:
    match path.suffix:
        case ".json" | ".jsonc" | ".json5":
            root = parse(text).root
            return root.data if root else {}
        case ".yaml" | ".yml":
            return YamlDocument.parse(text).data
        case ".toml":
            return tomllib.loads(text)
    return DotenvText(text).data


def _json_offset(document: Document, path: KeyPath) -> int:
    value, offset = document.root, 0
    for key in path:
        member = next((member for member in (value.members if value else None) or () if member.key == key), None)
        if member is None:
            break
        value, offset = member.value, member.start
    return offset


def _yaml_offset(text: str, path: KeyPath) -> int:
    node, offset = YamlDocument.parse(text).root, 0
    for key in path:
        pair = find_pair(node, key)
        if pair is None:
            break
        offset, node = pair[0].start_mark.index, pair[1]
    return offset


def _assignment_offset(text: str, name: str) -> int:
    """The offset of the last line that assigns `name`, or of its table."""
    pattern = rf"^[ \t]*(?:export[ \t]+)?(?:[\"']?{re.escape(name)}[\"']?[ \t]*=|\[[^\]]*{re.escape(name)}[\"']?\])"
    return max((match.start() for match in re.finditer(pattern, text, re.MULTILINE)), default=0)
