"""The places of an environment file that name models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.routes import Elements
from gatewright.environment.provider_models import names_by_id
from gatewright.environment.references import Located, ModelName
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gatewright.diagnostics import Location
    from gatewright.environment.model.environment_file import EnvironmentFile, Role
    from gatewright.environment.model.routes import Route
    from gatewright.environment.references import Name


@frozen
class Uses:
    """What names models: the enabled routes and roles, and the clients of the file."""

    file: EnvironmentFile
    routes: Mapping[str, Route]
    roles: Mapping[str, Role]
    enabled: Collection[str]  # providers

    def in_route(self, route_name: str, route: Route) -> list[Located[ModelName]]:
        """The models of a route. Those of a graph are at the route's location."""
        if not isinstance(route.tree, Elements):
            return list(route.models())
        names = names_by_id(self.file.providers)
        references = [reference for reference in route.tree.models() if reference in names]
        return [Located(names[reference], route.location, f"routes.{route_name}") for reference in references]

    def in_clients(self) -> Iterator[Located[Name]]:
        """The names in the settings of clients, of enabled providers."""
        for settings in self.file.clients.values():
            agents = (choice for choice in settings.agents.values() if not isinstance(choice.value, str))
            choices = (settings.primary, *(settings.fallbacks or ()), settings.small, *(settings.models or ()), *agents)
            for choice in choices:
                if choice is not None and _provider(choice.value) in self.enabled:
                    yield Located(choice.value, choice.location, choice.path)  # type: ignore[arg-type]

    def groups(self) -> Iterator[tuple[str, str, Sequence[Located[Name]], Location]]:
        """Section, name, choices and location of each route and role."""
        for name, route in self.routes.items():
            yield "routes", name, self.in_route(name, route), route.location
        for name, role in self.roles.items():
            yield "roles", name, (role.primary, *role.fallbacks), role.primary.location


def _provider(name: object) -> str:
    return name.provider if isinstance(name, ModelName) else ""
