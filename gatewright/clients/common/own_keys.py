"""API keys in the user's own files: a reference in a client's syntax, or a key in clear text. Values are never kept."""

from __future__ import annotations

import re
from enum import StrEnum

from gatewright.diagnostics import Location
from gatewright.environment.nodes import Node
from gatewright.environment.references import VARIABLE
from gatewright.environment.shapes.base import join
from gatewright.frozen import frozen

_REFERENCES = re.compile(
    r"\$\{\{\s*secrets\.(\w+)\s*\}\}"  # Continue
    r"|\$\{(\w+)\}|\$(\w+)"  # OpenClaw, pi
    r"|\{env:(\w+)\}"  # OpenCode
    r"|os\.environ/(\w+)"  # LiteLLM
)
_NAME_ALONE = re.compile(r"[A-Z][A-Z0-9_]*_(?:KEY|TOKEN)")  # pi before 0.77
_SCHEME = re.compile(r"(?:bearer|basic|token)\s+", re.IGNORECASE)
_KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


class KeySource(StrEnum):
    """Where a client takes a key from."""

    VARIABLE = "variable"
    OTHER_VARIABLE = "lower-case variable"
    CLEAR_TEXT = "clear text"
    COMMAND = "command"
    FILE = "file"
    STORE = "store"


@frozen
class OwnKey:
    """A key by its location; `variable` is None unless an environment file can name the variable."""

    location: Location
    path: str
    source: KeySource
    variable: str | None = None


def read_key(node: Node | None, path: str) -> OwnKey | None:
    """The key in a setting such as `apiKey`: a text, or OpenClaw's {source, provider, id}. None without one."""
    if node is None:
        return None
    if isinstance(node.value, dict):
        return _secret_reference(node, path)
    if not isinstance(node.value, str) or not (text := _SCHEME.sub("", node.value.strip(), count=1)):
        return None
    if match := _REFERENCES.fullmatch(text):
        return _from_variable(node, path, next(filter(None, match.groups())))
    if _NAME_ALONE.fullmatch(text):
        return _from_variable(node, path, text)
    if text.startswith("!"):
        return OwnKey(node.location, path, KeySource.COMMAND)
    if text.startswith("{file:"):
        return OwnKey(node.location, path, KeySource.FILE)
    return OwnKey(node.location, path, KeySource.CLEAR_TEXT)


def read_key_header(headers: Node | None, path: str) -> OwnKey | None:
    """The key in a header such as Authorization."""
    for name, entry in headers.entries.items() if headers else ():
        if is_key_header(name) and (key := read_key(entry.node, join(path, name))):
            return key
    return None


def is_key_header(name: str) -> bool:
    """Whether a header holds the key of a provider."""
    return name.lower() in _KEY_HEADERS


def _secret_reference(node: Node, path: str) -> OwnKey | None:
    source, name = node.at("source"), node.at("id")
    if source is None or name is None:
        return None
    match source.value:
        case "env" if isinstance(name.value, str):
            return _from_variable(node, path, name.value)
        case "exec":
            return OwnKey(node.location, path, KeySource.COMMAND)
        case "file":
            return OwnKey(node.location, path, KeySource.FILE)
    return OwnKey(node.location, path, KeySource.STORE)


def _from_variable(node: Node, path: str, name: str) -> OwnKey:
    if re.fullmatch(VARIABLE, name):
        return OwnKey(node.location, path, KeySource.VARIABLE, name)
    return OwnKey(node.location, path, KeySource.OTHER_VARIABLE)
