"""What the page of an environment shows, gathered from its file and from what earlier commands kept on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.diagnostics import Severity
from gatewright.operations.report.route_picture import RoutePicture, draw_picture
from gatewright.operations.report.token_calendar import TokenPeriod, token_periods
from gatewright.operations.routes.describe import model_names, retired_models
from gatewright.operations.routes.flowchart import flowchart
from gatewright.operations.routes.text import route_lines
from gatewright.operations.show import Table, clients, roles, tokens

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class RouteSection:
    """A route as a picture and as the lines that say the same."""

    name: str
    picture: RoutePicture
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a valid file declares."""

    environment: Environment
    routes: tuple[RouteSection, ...]
    roles: Table
    clients: Table
    tokens: Table
    periods: tuple[TokenPeriod, ...]


@dataclass(frozen=True, slots=True)
class EnvironmentPage:
    """The page of one environment. `declared` is None where its file has `errors`."""

    name: str
    errors: tuple[Diagnostic, ...]
    declared: Declared | None

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        """Id and title of each section, for the page's navigation."""
        return SECTIONS


SECTIONS = (("routes", "Routes"), ("roles", "Roles and clients"), ("tokens", "Tokens"))


def environment_page(loaded: Loaded, now: int) -> EnvironmentPage:
    """The page of an environment; one that is invalid has its errors instead."""
    errors = tuple(entry for entry in loaded.diagnostics if entry.severity is Severity.ERROR)
    environment = loaded.environment
    return EnvironmentPage(loaded.name, errors, _declared(environment, now) if environment else None)


def _declared(environment: Environment, now: int) -> Declared:
    return Declared(
        environment,
        _routes(environment),
        roles(environment),
        clients(environment),
        tokens(environment),
        tuple(token_periods(environment.tokens, now)),
    )


def _routes(environment: Environment) -> tuple[RouteSection, ...]:
    names, retired = model_names(environment), retired_models(environment)
    sections = []
    for route in environment.routes:
        graph = graph_of(route_elements(environment, route))
        picture = draw_picture(flowchart(route, graph, names, retired))
        sections.append(RouteSection(route, picture, tuple(route_lines(graph, names))))
    return tuple(sections)
