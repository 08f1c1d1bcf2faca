"""The shape of a client's `agents`: roles and models by the client's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import Located, Name, parse_name
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf
from gatewright.environment.shapes.scalars import Text
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

ROLE = Text("a role's name", r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", 64)
AGENT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"


@frozen
class _RoleOrName:
    """A role, or a model or a route, which have a slash."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Located[str | Name] | None:
        if not isinstance(node.value, str) or "/" not in node.value:
            role = ROLE.read(node, path, diagnostics)
            return None if role is None else Located(role, node.location, path)
        name = parse_name(node.value)
        if name is None:
            message = "expected a role's name, provider/model, dynamic/route or own:provider/model"
            diagnostics.error(node.location, path, "bad-name", message)
            return None
        return Located(name, node.location, path)

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^((own:)?(?!own:)[^/\s]+/\S+|[a-z0-9]+(?:[-_.][a-z0-9]+)*)$"}


@frozen
class _ListOfRoles:
    """A list of roles: the agents have the names of their roles."""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, list)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> dict[str, Located[str | Name]] | None:
        if not isinstance(node.value, list):
            return None
        roles = [(item, ROLE.read(item, f"{path}[{index}]", diagnostics)) for index, item in enumerate(node.value)]
        return {role: Located(role, item.location, f"{path}.{role}") for item, role in roles if role is not None}

    def schema(self) -> JsonSchema:
        return ListOf(ROLE).schema()


AGENTS = OneOf(
    (_ListOfRoles(), TableOf(_RoleOrName(), "an agent's name", AGENT_NAME)),
    "a list of roles, or a mapping from the client's names to roles or models",
)
