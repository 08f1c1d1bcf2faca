"""Figures of finished days, kept in .gatewright/usage so that they are asked once. Only their owner can read them."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.private import private_folder
from gatewright.io.untrusted import parse_json, read_regular_file

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 2


@frozen
class DayCache:
    """One folder of files `<kind>-<day>.json`; None keeps nothing."""

    folder: Path | None

    def read(self, kind: str, day: str) -> Any:
        """The content for that day; None where it is missing, damaged or of another version."""
        if self.folder is None:
            return None
        try:
            document = parse_json(read_regular_file(self.folder / f"{kind}-{day}.json"))
        except (FileNotFoundError, ValueError):
            return None
        is_current = isinstance(document, dict) and document.get("version") == VERSION
        return document.get("content") if is_current else None

    def write(self, kind: str, day: str, content: Any) -> None:
        """Keep the content for that day."""
        if self.folder is None:
            return
        private_folder(self.folder)
        file = self.folder / f"{kind}-{day}.json"
        unfinished = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump({"version": VERSION, "content": content}, stream)
        unfinished.replace(file)
