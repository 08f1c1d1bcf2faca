"""The shape of a client's `metadata`, which it sends as cf-aig-metadata with each request.

Cloudflare keeps five entries of a request, each a text, a number or a boolean; keys that begin with `cf.` are its own.
Source: Cloudflare's documentation of custom metadata, 2026.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from gatewright.environment.references import CLIENT_VARIABLE, AgentName, FromVariable
from gatewright.environment.shapes.base import TableOf, report_wrong_kind
from gatewright.environment.shapes.references import CLIENT_VARIABLE_NAME, single
from gatewright.environment.shapes.scalars import Text
from gatewright.frozen import frozen
from gatewright.redaction import is_secret_name

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.references import MetadataValue
    from gatewright.environment.shapes.base import JsonSchema

MAX_METADATA = 5
_TEXT = Text("a text without $, { and }, which clients substitute", r"^[^${}]+$", 256, one_line=True)
_VARIABLE = Text(CLIENT_VARIABLE_NAME, CLIENT_VARIABLE)


@frozen
class _Value:
    """A text, a number or a boolean; `{env: NAME}`; `{role: true}`."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> MetadataValue | None:
        match node.value:
            case bool() | int():
                return node.value
            case float() if math.isfinite(node.value):
                return node.value
            case dict() if [*node.entries] == ["role"] and node.entries["role"].node.value is True:
                return AgentName()
        return _read_text(node, path, diagnostics, "a text, a number, true, false, {env: NAME} or {role: true}")

    def schema(self) -> JsonSchema:
        text = {**_TEXT.schema(), "type": ["string", "number", "boolean"]}
        return {
            "anyOf": [
                text,
                _env_schema(),
                single("role", {"const": True}, "The name of the agent or profile that sends the request."),
            ]
        }


@frozen
class SessionShape:
    """The id of a session: a text, or `{env: NAME}`."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | FromVariable | None:
        return _read_text(node, path, diagnostics, "a text or {env: NAME}")

    def schema(self) -> JsonSchema:
        return {"anyOf": [_TEXT.schema(), _env_schema()]}


@frozen
class MetadataShape:
    """At most five entries by key."""

    _table = TableOf(
        _Value(),
        "a key of letters, digits, dots, hyphens and underscores that does not begin with cf.",
        r"^(?!cf\.)[A-Za-z0-9_][A-Za-z0-9_.-]*$",
    )

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> dict[str, Any] | None:
        for key, entry in list(node.entries.items())[MAX_METADATA:]:
            message = f"Cloudflare keeps {MAX_METADATA} entries of metadata, and this is one more"
            diagnostics.error(entry.key_location, f"{path}.{key}", "too-many", message, "Remove an entry")
        return self._table.read(node, path, diagnostics)

    def schema(self) -> JsonSchema:
        return {**self._table.schema(), "maxProperties": MAX_METADATA}


def _env_schema() -> JsonSchema:
    return single("env", {"type": "string", "pattern": CLIENT_VARIABLE}, "The variable that the client reads.")


def _read_text(node: Node, path: str, diagnostics: Diagnostics, expected: str) -> str | FromVariable | None:
    """A text or the name of a variable; anything else is not what is `expected`."""
    match node.value:
        case str() if diagnostics.failed_at(node.location):  # reported as a secret in clear text
            return None
        case str():
            return _TEXT.read(node, path, diagnostics)
        case {"env": entry, **others} if not others:
            return _read_variable(entry.node, f"{path}.env", diagnostics)
    report_wrong_kind(node, path, diagnostics, expected)
    return None


def _read_variable(node: Node, path: str, diagnostics: Diagnostics) -> FromVariable | None:
    name = _VARIABLE.read(node, path, diagnostics)
    if name is not None and is_secret_name(re.sub(r"[^A-Za-z0-9]+", "-", name).lower()):
        message = f"{name} is the name of a secret, and Cloudflare shows this value in its logs in clear text"
        diagnostics.error(node.location, path, "secret-in-clear", message, "Name a variable without a secret")
        return None
    return FromVariable(name) if name else None
