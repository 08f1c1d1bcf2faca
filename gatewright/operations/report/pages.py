"""What the page of an environment shows, gathered from its file and from what earlier commands kept on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clock import DAY
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.diagnostics import Severity
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.inventory import inventory
from gatewright.operations.plan.diffs.gateway_lines import NONE, OFF, gateway_lines
from gatewright.operations.report.account_dates import AccountDates, account_dates
from gatewright.operations.report.keys import KeyRow, key_rows
from gatewright.operations.report.models import RetiringModel, retiring_models
from gatewright.operations.report.results import Results, drift_results, verify_results
from gatewright.operations.report.route_picture import RoutePicture, draw_picture
from gatewright.operations.report.token_calendar import TokenPeriod, token_periods
from gatewright.operations.report.usage_section import UsageSection, usage_section
from gatewright.operations.routes.describe import model_names, retired_models
from gatewright.operations.routes.flowchart import flowchart
from gatewright.operations.routes.text import route_lines
from gatewright.operations.show import Table, clients, roles, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Accounts
    from gatewright.project import Project

SECTIONS = (
    ("routes", "Routes"),
    ("roles", "Roles and clients"),
    ("tokens", "Tokens"),
    ("keys", "Keys"),
    ("usage", "Usage"),
    ("limits", "Limits"),
    ("models", "Models"),
    ("verify", "Verify"),
    ("drift", "Drift"),
)
"""Id and title of each section of a page."""
EXPIRES_SOON = 14 * DAY


@frozen
class RouteSection:
    """A route as a picture and as the lines that say the same."""

    name: str
    picture: RoutePicture
    lines: tuple[str, ...]


@frozen
class Notice:
    """What needs attention: `kind` in a word or two, the problem, and what to do."""

    kind: str
    text: str
    fix: str
    is_bad: bool = False


@frozen
class EnvironmentPage:
    """The page of a valid environment. `gateway` has the settings that are on and not at their default, as label and
    text."""

    environment: Environment
    notices: tuple[Notice, ...]
    gateway: tuple[tuple[str, str], ...]
    routes: tuple[RouteSection, ...]
    roles: Table
    clients: Table
    tokens: Table
    periods: tuple[TokenPeriod, ...]
    keys: tuple[KeyRow, ...]
    dates: AccountDates | None
    tables: Mapping[str, Table]  # of the inventory, by title
    retiring: tuple[RetiringModel, ...]
    usage: UsageSection | None
    verify: Results | None
    drift: Results | None
    name: str

    errors = ()


@frozen
class InvalidPage:
    """The page of an environment whose file has errors."""

    name: str
    errors: tuple[Diagnostic, ...]


Page = EnvironmentPage | InvalidPage


def build_page(project: Project, loaded: Loaded, accounts: Accounts | None, now: int) -> Page:
    """The page of an environment; one that is invalid has its errors instead.

    `accounts` has the local Cloudflare, if it runs, or the account to ask for the dates of tokens and keys.
    """
    environment = loaded.environment
    if environment is None:
        errors = tuple(entry for entry in loaded.diagnostics if entry.severity is Severity.ERROR)
        return InvalidPage(loaded.name, errors)
    page = EnvironmentPage(
        environment=environment,
        notices=(),
        gateway=_gateway(loaded),
        routes=_routes(environment),
        roles=roles(environment),
        clients=clients(environment),
        tokens=tokens(environment),
        periods=tuple(token_periods(environment.tokens, now)),
        keys=tuple(key_rows(environment)),
        dates=account_dates(project, environment, accounts, now),
        tables={table.title: table for table in inventory(loaded)},
        retiring=tuple(retiring_models(environment, clock.day_of(now))),
        usage=usage_section(project, loaded, accounts, now),
        verify=verify_results(project, loaded.name, now),
        drift=drift_results(project, loaded.name),
        name=loaded.name,
    )
    return replace(page, notices=tuple(_notices(loaded, page, now)))


def _gateway(loaded: Loaded) -> tuple[tuple[str, str], ...]:
    node = loaded.root.at("gateway") if loaded.root else None
    settings = node.plain() if node else None
    lines = gateway_lines(settings if isinstance(settings, dict) else {})
    changed = (line for line in lines.values() if not line.is_default and line.text not in (OFF, NONE, ""))
    return tuple((line.label, line.text) for line in changed)


def _routes(environment: Environment) -> tuple[RouteSection, ...]:
    names, retired = model_names(environment), retired_models(environment)
    sections = []
    for route in environment.routes:
        graph = graph_of(route_elements(environment, route))
        picture = draw_picture(flowchart(route, graph, names, retired))
        sections.append(RouteSection(route, picture, tuple(route_lines(graph, names))))
    return tuple(sections)


def _notices(loaded: Loaded, page: EnvironmentPage, now: int) -> Iterator[Notice]:
    name = page.name
    if page.drift and page.drift.problems:
        yield Notice("drift", plural(page.drift.problems, "finding"), f"gatewright drift {name}", is_bad=True)
    if page.verify and page.verify.problems:
        text = f"{plural(page.verify.problems, 'model or route', 'models and routes')} failed"
        yield Notice("verify", text, f"gatewright verify {name}", is_bad=True)
    for limit in page.usage.limits if page.usage else ():
        if limit.level != "good":
            yield Notice("limit", f"{limit.subject}: {limit.used} of {limit.limit}", f"gatewright usage {name}")
    for period in page.periods:
        if period.rotates is None and clock.parse_timestamp(period.ends) < now + EXPIRES_SOON:
            text = f"{period.token} expires on {period.ends}"
            yield Notice("token", text, f"a later tokens.{period.token}.expires, then gatewright up {name}")
    for warning in loaded.diagnostics:
        if warning.severity is Severity.WARNING:
            yield Notice("warning", f"{warning.location} {warning.path}: {warning.text}", warning.hint or "")
