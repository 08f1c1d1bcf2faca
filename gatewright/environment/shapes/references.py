"""Shapes of references: secrets, accounts, and names of models and routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.references import (
    ACCOUNT_ID,
    CLIENT_VARIABLE,
    VARIABLE,
    FromConfig,
    FromVariable,
    Located,
    OwnName,
    RouteName,
    Stored,
    Unified,
    parse_name,
)
from gatewright.environment.shapes.base import report_wrong_kind
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.references import Key, Name
    from gatewright.environment.shapes.base import JsonSchema, Shape

CLIENT_VARIABLE_NAME = "a variable's name: capitals, digits and underscores, starting with a capital"
_VARIABLE_NAME = "a variable's name in capitals"
_CONFIG_NAME = r"^[A-Za-z][A-Za-z0-9_.:-]*$"


@frozen
class SecretReference:
    """A secret by reference, never in clear text: `{env: NAME}` or `{config: name}`.

    `as_key`: the API key of a provider, which can also be `{stored: true}` or `unified`.
    """

    as_key: bool = False

    @property
    def _expected(self) -> str:
        return (
            "{env: NAME}, {config: name}, {stored: true} or unified" if self.as_key else "{env: NAME} or {config: name}"
        )

    @property
    def _variable(self) -> str:
        """The pattern of the variable: clients may send a provider's key, and Cloudflare alone gets other secrets."""
        return CLIENT_VARIABLE if self.as_key else VARIABLE

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict | str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Key | None:
        if self.as_key and node.value == "unified":
            return Unified()
        if isinstance(node.value, str):
            if not diagnostics.failed_at(node.location):  # already reported as a secret in clear text
                message = f"a secret cannot be written here, expected {self._expected}"
                hint = "Revoke it if anyone else has seen this file"
                diagnostics.error(node.location, path, "secret-in-clear", message, hint)
            return None
        if not isinstance(node.value, dict) or len(node.value) != 1:
            report_wrong_kind(node, path, diagnostics, self._expected)
            return None
        ((key, entry),) = node.value.items()
        match key:
            case "env":
                expected = CLIENT_VARIABLE_NAME if self.as_key else _VARIABLE_NAME
                variable = _read_pattern(entry.node, self._variable, expected, path, diagnostics)
                return FromVariable(variable) if variable else None
            case "config":
                expected = "the name of a secret in the stack's configuration"
                config = _read_pattern(entry.node, _CONFIG_NAME, expected, path, diagnostics)
                return FromConfig(config) if config else None
            case "stored" if self.as_key:
                if entry.node.value is True:
                    return Stored()
                diagnostics.error(entry.node.location, f"{path}.stored", "wrong-kind", "expected true")
            case _:
                keys = ("env", "config", "stored") if self.as_key else ("env", "config")
                near = did_you_mean(key, keys)
                diagnostics.error(entry.key_location, f"{path}.{key}", "unknown-key", "unknown key", near)
        return None

    def schema(self) -> JsonSchema:
        forms = [
            single("env", {"type": "string", "pattern": self._variable}, "The variable that holds the secret."),
            single(
                "config", {"type": "string", "pattern": _CONFIG_NAME}, "A secret of the stack's Pulumi configuration."
            ),
        ]
        if self.as_key:
            stored = "The key is already in the account's Secrets Store, under the name that the gateway expects."
            forms += [single("stored", {"const": True}, stored), {"const": "unified"}]
        return {"anyOf": forms}


@frozen
class AccountReference:
    """The account's id, which is not a secret, or `{env: NAME}`."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | FromVariable | None:
        if isinstance(node.value, dict) and list(node.value) == ["env"]:
            name = _read_pattern(node.value["env"].node, VARIABLE, _VARIABLE_NAME, path, diagnostics)
            return FromVariable(name) if name else None
        return _read_pattern(
            node, ACCOUNT_ID, "an account id of 32 hexadecimal digits, or {env: NAME}", path, diagnostics
        )

    def schema(self) -> JsonSchema:
        return {
            "anyOf": [
                {"type": "string", "pattern": ACCOUNT_ID},
                single("env", {"type": "string", "pattern": VARIABLE}, "The environment variable that holds the id."),
            ]
        }


@frozen
class VariableReference:
    """A variable that holds a secret, `{env: NAME}`."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> FromVariable | None:
        if isinstance(node.value, dict) and list(node.value) == ["env"]:
            name = _read_pattern(node.value["env"].node, VARIABLE, _VARIABLE_NAME, path, diagnostics)
            return FromVariable(name) if name else None
        if not diagnostics.failed_at(node.location):  # already reported as a secret in clear text
            report_wrong_kind(node, path, diagnostics, "{env: NAME}")
        return None

    def schema(self) -> JsonSchema:
        variable = {"type": "string", "pattern": VARIABLE}
        return {"anyOf": [single("env", variable, "The variable that holds the token.")]}


def single(name: str, schema: JsonSchema, description: str) -> JsonSchema:
    """The schema of a mapping with one key."""
    properties = {name: {"description": description, **schema}}
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": properties}


def _read_pattern(node: Node, pattern: str, expected: str, path: str, diagnostics: Diagnostics) -> str | None:
    """A text that matches `pattern`. The message does not show the text: it may be a misplaced secret."""
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if (is_number or isinstance(node.value, str)) and re.fullmatch(pattern, node.text):
        return node.text
    diagnostics.error(node.location, path, "bad-form", f"expected {expected}")
    return None


@frozen
class LocatedShape:
    """Keeps the location of the value that `shape` reads."""

    shape: Shape

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[Any] | None:
        value = self.shape.read(node, path, diagnostics)
        return None if value is None else Located(value, node.location, path)

    def schema(self) -> JsonSchema:
        return self.shape.schema()


@frozen
class NameShape:
    """The name of a model; of a route or of one of the client's own models where `routes` and `own` allow it."""

    routes: bool = True
    own: bool = True

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[Name] | None:
        name = parse_name(node.value) if isinstance(node.value, str) else None
        if name is None:
            diagnostics.error(node.location, path, "bad-name", f"expected {self._expected}")
            return None
        if (isinstance(name, RouteName) and not self.routes) or (isinstance(name, OwnName) and not self.own):
            message = f"{name} is not allowed here, expected {self._expected}"
            diagnostics.error(node.location, path, "not-here", message)
            return None
        return Located(name, node.location, path)

    @property
    def _expected(self) -> str:
        forms = [
            "provider/model",
            *(["dynamic/route"] if self.routes else []),
            *(["own:provider/model"] if self.own else []),
        ]
        return ", ".join(forms[:-1]) + f" or {forms[-1]}" if len(forms) > 1 else forms[0]

    def schema(self) -> JsonSchema:
        dynamic = "" if self.routes else "(?!dynamic/)"
        own = "(own:)?" if self.own else ""
        return {"type": "string", "pattern": rf"^{dynamic}{own}(?!own:)[^/\s]+/\S+$"}
