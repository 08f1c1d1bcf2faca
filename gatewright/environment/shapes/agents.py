"""What a client's agents are set to: roles and models by the names that the client has for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.environment.references import Located, Name, parse_name
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf, When
from gatewright.environment.shapes.scalars import Text

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

ROLE = Text("a role's name", r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", 64)
AGENT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_EXPECTED = "a role's name, provider/model, dynamic/route or own:provider/model"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A role, or, told by its slash, a model or a route."""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[str | Name] | None:
        if not isinstance(node.value, str) or "/" not in node.value:
            role = ROLE.read(node, path, diagnostics)
            return None if role is None else Located(role, node.location, path)
        name = parse_name(node.value)
        if name is None:
            diagnostics.error(node.location, path, "bad-name", f"is not {_EXPECTED}")
            return None
        return Located(name, node.location, path)

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^((own:)?(?!own:)[^/\s]+/\S+|[a-z0-9]+(?:[-_.][a-z0-9]+)*)$"}


@dataclass(frozen=True, slots=True)
class _CalledLikeTheirRoles:
    """A list of roles: the agents are called like them."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> dict[str, Located[str | Name]] | None:
        if not isinstance(node.value, list):
            return None
        named = [(item, ROLE.read(item, f"{path}[{index}]", diagnostics)) for index, item in enumerate(node.value)]
        return {role: Located(role, item.location, f"{path}.{role}") for item, role in named if role is not None}

    def schema(self) -> JsonSchema:
        return ListOf(ROLE).schema()


AGENTS = OneOf(
    (When(list, _CalledLikeTheirRoles()), When(dict, TableOf(_Choice(), "an agent's name", AGENT_NAME))),
    "a list of roles, or a mapping from the client's names to roles or models",
)
