"""What stands for something else: secrets by reference, and models, routes and the user's own models by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gatewright.diagnostics import did_you_mean
from gatewright.environment.shapes.base import wrong_kind
from gatewright.environment.shapes.scalars import CONTROL

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema, Shape

T_co = TypeVar("T_co", covariant=True)

VARIABLE = r"^[A-Z_][A-Z0-9_]*$"
CLIENTS_VARIABLE = r"^[A-Z][A-Z0-9_]*$"
"""What every client's file can refer to: OpenClaw puts in no other."""
A_CLIENTS_VARIABLE = "a variable's name: capitals, digits and underscores, a capital first"
CONFIG_NAME = r"^[A-Za-z][A-Za-z0-9_.:-]*$"
ACCOUNT_ID = r"^[0-9a-f]{32}$"


@dataclass(frozen=True, slots=True)
class FromVariable:
    """`{env: NAME}`: the value of an environment variable."""

    name: str

    def __str__(self) -> str:
        return f"{{env: {self.name}}}"


def bearer_variable(variable: str) -> str:
    """The variable that holds `Bearer <the value of variable>`, for programs that send a variable as it is."""
    return f"{variable}_BEARER"


@dataclass(frozen=True, slots=True)
class FromConfig:
    """`{config: name}`: a secret of the stack's Pulumi configuration."""

    name: str

    def __str__(self) -> str:
        return f"{{config: {self.name}}}"


@dataclass(frozen=True, slots=True)
class Stored:
    """`{stored: true}`: already in the account's Secrets Store, under the name that the gateway expects."""


@dataclass(frozen=True, slots=True)
class Unified:
    """`unified`: no key of one's own; Cloudflare bills the use."""


Secret = FromVariable | FromConfig
Key = FromVariable | FromConfig | Stored | Unified


@dataclass(frozen=True, slots=True)
class SecretReference:
    """A secret, never written here: `{env: NAME}` or `{config: name}`; as a provider's key also `{stored: true}` and
    `unified`.
    """

    as_key: bool = False

    @property
    def _forms(self) -> str:
        return (
            "{env: NAME}, {config: name}, {stored: true} or unified" if self.as_key else "{env: NAME} or {config: name}"
        )

    @property
    def _variable(self) -> str:
        """A provider's key may be sent by clients; other secrets only go to Cloudflare."""
        return CLIENTS_VARIABLE if self.as_key else VARIABLE

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict | str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Key | None:
        if self.as_key and node.value == "unified":
            return Unified()
        if isinstance(node.value, str):
            if not diagnostics.failed_at(node.location):  # what looks like a key has been refused already
                message = f"a secret never stands here; expected {self._forms}"
                diagnostics.error(
                    node.location, path, "secret-in-clear", message, "Revoke it if anyone else has seen this file"
                )
            return None
        if not isinstance(node.value, dict) or len(node.value) != 1:
            wrong_kind(node, path, diagnostics, self._forms)
            return None
        (word, entry), *_ = node.value.items()
        value = entry.node.value
        if word == "env":
            what = A_CLIENTS_VARIABLE if self.as_key else "a variable's name, in capitals"
            return self._named(FromVariable, self._variable, what, entry.node, path, diagnostics)
        if word == "config":
            return self._named(
                FromConfig,
                CONFIG_NAME,
                "the name of a secret in the stack's configuration",
                entry.node,
                path,
                diagnostics,
            )
        if word == "stored" and self.as_key:
            if value is True:
                return Stored()
            diagnostics.error(entry.node.location, f"{path}.stored", "wrong-kind", "can only be true")
            return None
        words = ("env", "config", "stored") if self.as_key else ("env", "config")
        diagnostics.error(entry.key_location, f"{path}.{word}", "unknown-key", "unknown key", did_you_mean(word, words))
        return None

    def _named(
        self,
        kind: type[FromVariable | FromConfig],
        pattern: str,
        what: str,
        node: Node,
        path: str,
        diagnostics: Diagnostics,
    ) -> Key | None:
        name = read_pattern(node, pattern, what, path, diagnostics)
        return kind(name) if name else None

    def schema(self) -> JsonSchema:
        forms = [
            _single("env", {"type": "string", "pattern": self._variable}, "The environment variable that holds it."),
            _single(
                "config", {"type": "string", "pattern": CONFIG_NAME}, "A secret of the stack's Pulumi configuration."
            ),
        ]
        if self.as_key:
            stored = "It is in the account's Secrets Store already, under the name that the gateway expects."
            forms += [_single("stored", {"const": True}, stored), {"const": "unified"}]
        return {"anyOf": forms}


@dataclass(frozen=True, slots=True)
class AccountReference:
    """The account's id itself, which is no secret, or `{env: NAME}`."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> str | FromVariable | None:
        if isinstance(node.value, dict) and list(node.value) == ["env"]:
            name = read_pattern(node.value["env"].node, VARIABLE, "a variable's name, in capitals", path, diagnostics)
            return FromVariable(name) if name else None
        return read_pattern(
            node, ACCOUNT_ID, "an account id of 32 hexadecimal digits, or {env: NAME}", path, diagnostics
        )

    def schema(self) -> JsonSchema:
        return {
            "anyOf": [
                {"type": "string", "pattern": ACCOUNT_ID},
                _single("env", {"type": "string", "pattern": VARIABLE}, "The environment variable that holds the id."),
            ]
        }


def _single(name: str, schema: JsonSchema, description: str) -> JsonSchema:
    properties = {name: {"description": description, **schema}}
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": properties}


def read_pattern(node: Node, pattern: str, what: str, path: str, diagnostics: Diagnostics) -> str | None:
    """A text of `pattern`, without showing it when it is not: it may be a secret put in the wrong place."""
    if (
        isinstance(node.value, str | int | float)
        and not isinstance(node.value, bool)
        and re.fullmatch(pattern, node.text)
    ):
        return node.text
    diagnostics.error(node.location, path, "bad-form", f"is not {what}")
    return None


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model of a provider: `groq/llama-3.1-8b`."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class RouteName:
    """A route of the gateway: `dynamic/fast`."""

    route: str

    def __str__(self) -> str:
        return f"dynamic/{self.route}"


@dataclass(frozen=True, slots=True)
class OwnName:
    """A model that the user already has in the client's own file: `own:provider/model`; `name` is what follows the
    colon.
    """

    name: str

    def __str__(self) -> str:
        return f"own:{self.name}"


Name = ModelName | RouteName | OwnName


@dataclass(frozen=True, slots=True)
class Located(Generic[T_co]):
    """A value with its place, for checks that come after reading."""

    value: T_co
    location: Location
    path: str


@dataclass(frozen=True, slots=True)
class LocatedShape:
    """Keeps the place of what `shape` reads."""

    shape: Shape

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[Any] | None:
        value = self.shape.read(node, path, diagnostics)
        return None if value is None else Located(value, node.location, path)

    def schema(self) -> JsonSchema:
        return self.shape.schema()


@dataclass(frozen=True, slots=True)
class NameShape:
    """A reference to a model, and where allowed to a route or to one of the user's own models."""

    routes: bool = True
    own: bool = True

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[Name] | None:
        name = parse_name(node.value) if isinstance(node.value, str) else None
        if name is None:
            diagnostics.error(node.location, path, "bad-name", f"is not {self._expected}")
            return None
        if (isinstance(name, RouteName) and not self.routes) or (isinstance(name, OwnName) and not self.own):
            diagnostics.error(
                node.location, path, "not-here", f"{name} cannot stand here", f"Expected {self._expected}"
            )
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


def parse_name(text: str) -> Name | None:
    """`provider/model`, `dynamic/route` or `own:provider/model`; None when it is none of them."""
    own = text.startswith("own:")
    provider, slash, rest = text.removeprefix("own:").partition("/")
    if not (provider and slash and rest) or re.search(rf"\s|{CONTROL}", text):
        return None
    if own:
        return OwnName(f"{provider}/{rest}")
    return RouteName(rest) if provider == "dynamic" else ModelName(provider, rest)
