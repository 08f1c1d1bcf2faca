"""Models that their provider retires: warned of where a file names them, an error where nothing else is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatewright.environment.model.routes import Elements
from gatewright.environment.references import Located, ModelName
from gatewright.environment.resolved import Retirement, RetiringUse
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.model.environment_file import EnvironmentFile, Role
    from gatewright.environment.model.routes import Route
    from gatewright.environment.references import Name

    Retirements = Mapping[ModelName, Retirement]

WARNING_DAYS = 30
"""How long before a model retires the places that name it are warned of."""


@dataclass(frozen=True, slots=True)
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
        names = {
            (provider_name, model.id or name): ModelName(provider_name, name)
            for provider_name, provider in self.file.providers.items()
            for name, model in provider.models.items()
        }
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


def _provider(name: object) -> str:
    return name.provider if isinstance(name, ModelName) else ""


def retirements_of(providers: Mapping[str, Provider], today: str) -> dict[ModelName, Retirement]:
    """The models with a retirement, past or announced, with a successor that is served `today` (2026-12-01)."""
    models = {
        ModelName(provider_name, name): model
        for provider_name, provider in providers.items()
        for name, model in provider.models.items()
        if model.retirement is not None
    }
    retirements = {}
    for name, model in models.items():
        seen, successor = {name}, model.successor
        while successor in models and successor not in seen and (models[successor].retirement or "") <= today:
            seen.add(successor)
            successor = models[successor].successor
        retirements[name] = Retirement(str(model.retirement), str(model.retirement) <= today, successor)
    return retirements


def check_retirements(
    uses: Uses, retirements: Retirements, today: str, diagnostics: Diagnostics
) -> tuple[RetiringUse, ...]:
    """Warn of each place that names a model which is retired or retires soon, and return these places.

    A route or role all of whose models are retired is an error.
    """
    named: list[Located[Name]] = []
    for kind, name, models, location in _groups(uses):
        if models and all(_is_over(model.value, retirements) for model in models):
            message = "all of its models are retired"
            diagnostics.error(location, f"{kind}.{name}", "all-retired", message, _hint(models, retirements))
        else:
            named += models
    last = (date.fromisoformat(today) + timedelta(WARNING_DAYS)).isoformat()
    found = []
    for choice in (*named, *uses.in_clients()):
        retirement = retirements.get(choice.value) if isinstance(choice.value, ModelName) else None
        if retirement is None or retirement.date > last or not isinstance(choice.value, ModelName):
            continue
        found.append(RetiringUse(choice.value, retirement, choice.location, choice.path))
        _warn(found[-1], uses.enabled, today, diagnostics)
    return tuple(dict.fromkeys(found))


def _groups(uses: Uses) -> Iterator[tuple[str, str, Sequence[Located[Name]], Location]]:
    """Section, name, choices and location of each route and role."""
    for name, route in uses.routes.items():
        yield "routes", name, uses.in_route(name, route), route.location
    for name, role in uses.roles.items():
        yield "roles", name, (role.primary, *role.fallbacks), role.primary.location


def _is_over(name: Name, retirements: Retirements) -> bool:
    return isinstance(name, ModelName) and name in retirements and retirements[name].is_over


def _hint(choices: Iterable[Located[Name]], retirements: Retirements) -> str | None:
    successors = [retirements[each.value].successor for each in choices if isinstance(each.value, ModelName)]
    names = list(dict.fromkeys(str(successor) for successor in successors if successor))
    return f"Use {', '.join(names)}" if names else None


def _warn(use: RetiringUse, enabled: Collection[str], today: str, diagnostics: Diagnostics) -> None:
    retirement = use.retirement
    message, hint = f"{use.name} {retirement}", None
    if not retirement.is_over:
        days = (date.fromisoformat(retirement.date) - date.fromisoformat(today)).days
        message = f"{message}, in {plural(days, 'day')}"
    if retirement.successor is not None:
        addition = "" if retirement.successor.provider in enabled else ', and add its provider to "use"'
        hint = f"Use {retirement.successor}{addition}"
    code = "retired-model" if retirement.is_over else "retiring-model"
    diagnostics.warning(use.location, use.path, code, message, hint)
