"""A client's own file, read as nodes with locations. It is never written, and its values are never shown."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.clients.common.user_settings import MAX_SIZE
from gatewright.diagnostics import Diagnostics, Location, escape_unprintable
from gatewright.environment.nodes import Entry, Node
from gatewright.environment.reader import read_text
from gatewright.errors import GatewrightError, UsageError
from gatewright.frozen import frozen
from gatewright.io.text_edits import json5_parser
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.untrusted import read_regular_file

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.clients.common.own_config import OwnConfig


@frozen
class OwnFile:
    """What the file, named `shown` in messages, declares for `client`."""

    shown: str
    client: str
    config: OwnConfig


def read_own_file(path: Path) -> OwnFile:
    """Read a client's own file; its client is recognized by the content, then by the name.

    Raises:
        UsageError: it cannot be read, or is not the file of a client that can be imported.
        GatewrightError: it is malformed.
    """
    diagnostics = Diagnostics()
    root = read_node(path, diagnostics)
    client = _recognize(path, root)
    config = CLIENTS[client].read_own_config(root)
    for diagnostic in diagnostics.diagnostics:
        config.skip(diagnostic.location, diagnostic.path, diagnostic.message)
    return OwnFile(str(path), client, config)


def read_node(path: Path, diagnostics: Diagnostics) -> Node:
    """The content of a JSON5 or YAML file. Adds diagnostics on parts that are left out; raises as `read_own_file`."""
    shown = str(path)
    text = _read(path, shown)
    is_json = path.suffix in (".json", ".jsonc", ".json5") or text.lstrip().startswith(("{", "//", "/*"))
    root = _json_node(text, shown) if is_json else read_text(text, shown, diagnostics)
    if root is None:
        raise _malformed(diagnostics)
    return root


def _read(path: Path, shown: str) -> str:
    name = escape_unprintable(shown)
    try:
        content = read_regular_file(path, MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", f"Name one file: {_importable()}") from None
    if len(content) > MAX_SIZE:
        megabytes = MAX_SIZE // 1024 // 1024
        raise UsageError(f"{name} is larger than {megabytes} MB", "Check whether it is the client's settings file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GatewrightError(f"{name}:{line} is not UTF-8 text", "Save it as UTF-8") from None
    if not text.strip():
        raise UsageError(f"{name} is empty", f"Name one file: {_importable()}")
    return text


def _malformed(diagnostics: Diagnostics) -> GatewrightError:
    diagnostic = diagnostics.diagnostics[-1]
    return GatewrightError(f"{diagnostic.location}: {diagnostic.sentence()}", "Fix it there; nothing was written")


def _recognize(path: Path, root: Node) -> str:
    """The client whose file it is."""
    matches = [name for name, package in CLIENTS.items() if package.recognizes(root)]
    named = [name for name, package in CLIENTS.items() if path.name in package.own_file_names]
    for name in (*(name for name in named if name in matches), *matches, *named):
        return name
    shown = escape_unprintable(str(path))
    raise UsageError(f"{shown} is not a file of a client that can be imported", f"Known: {_importable()}")


def _importable() -> str:
    """`openclaw.json (OpenClaw), models.json (pi)`."""
    packages = [package for package in CLIENTS.values() if package.own_file_names]
    return ", ".join(f"{package.own_file_names[0]} ({package.capabilities.title})" for package in packages)


def _json_node(text: str, shown: str) -> Node:
    try:
        root = json5_parser.parse(text).root
        if root is None or root.members is None:
            raise MalformedTextError.at(text, root.start if root else 0, "expected an object")
    except MalformedTextError as error:
        location = Location(shown, error.line, error.column)
        raise GatewrightError(f"{location}: {error.reason}", "Fix it there; nothing was written") from None
    lines = [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]

    def location_at(offset: int) -> Location:
        line = bisect_right(lines, offset)
        return Location(shown, line, offset - lines[line - 1] + 1)

    def node(value: json5_parser.Value) -> Node:
        location = location_at(value.start)
        if value.members is not None:
            entries = {member.key: Entry(location_at(member.start), node(member.value)) for member in value.members}
            return Node(entries, location)
        if value.items is not None:
            return Node([node(item) for item in value.items], location)
        return Node(value.data, location)

    return node(root)
