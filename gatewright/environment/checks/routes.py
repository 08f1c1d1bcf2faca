"""Routes and roles: models of providers that are not enabled are removed; errors for models that routes cannot use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.model.environment_file import Role
from gatewright.environment.model.routes import Elements, If, Limit, Split, Step, Try
from gatewright.environment.names import route_obstacle
from gatewright.facts.route_graph import flaws

if TYPE_CHECKING:
    from collections.abc import Collection

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.model.routes import Route
    from gatewright.environment.names import Names
    from gatewright.environment.references import Located, ModelName


def resolve_routes(file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> dict[str, Route]:
    """The routes without models of providers that are not enabled.

    A route that has no model left is noted and dropped. One that loses a branch only is an error.
    """
    kept: dict[str, Route] = {}
    for name, route in file.routes.items():
        if isinstance(route.tree, Elements):
            _check_graph(name, route.tree, route.location, diagnostics)
            kept[name] = route
            continue
        for model in route.models():
            _check_model(model, file, names, diagnostics)
        tree = _prune(route.tree, names)
        if tree is not None:
            kept[name] = replace(route, tree=tree)
        elif not any(diagnostics.failed_at(model.location) for model in route.models()):
            _report_nothing_left(name, route, names, diagnostics)
    return kept


def dropped_routes(file: EnvironmentFile, kept: Collection[str], diagnostics: Diagnostics) -> list[str]:
    """The routes that have no model of an enabled provider; not those with errors."""
    return [
        name
        for name, route in file.routes.items()
        if name not in kept
        and not diagnostics.failed_at(route.location)
        and not any(diagnostics.failed_at(model.location) for model in route.models())
    ]


def _report_nothing_left(name: str, route: Route, names: Names, diagnostics: Diagnostics) -> None:
    path = f"routes.{name}"
    if any(model.value.provider in names.enabled for model in route.models()):
        message = "no model of one of its branches has an enabled provider"
        hint = f'Add a provider to "use", or remove the route here: routes: {{{name}: null}}'
        diagnostics.error(route.location, path, "nothing-left", message, hint)
    else:
        diagnostics.note(route.location, path, "nothing-left", "skipped, no provider of its models is enabled")


def _check_graph(route: str, graph: Elements, location: Location, diagnostics: Diagnostics) -> None:
    for flaw in flaws(graph.elements):
        if flaw.index is None:
            diagnostics.error(location, f"routes.{route}.elements", "bad-graph", flaw.message, flaw.hint)
        else:
            path = f"routes.{route}.elements[{flaw.index}]{flaw.path and '.'}{flaw.path}"
            diagnostics.error(graph.locations[flaw.index], path, "bad-graph", flaw.message, flaw.hint)


def _check_model(model: Located[ModelName], file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> None:
    provider = file.providers.get(model.value.provider)
    if provider is None or model.value.provider not in names.enabled:
        return
    why = route_obstacle(model.value.provider, provider)
    if why:
        message = f"{model.value} cannot be used in a route: {why}"
        role = f"{{primary: {model.value}, fallbacks: [dynamic/…]}}"
        hint = f"Use it in a role, which the client runs: roles: {{name: {role}}}"
        diagnostics.error(model.location, model.path, "not-in-routes", message, hint)


def _prune(step: Step, names: Names) -> Step | None:
    """`step` without models of providers that are not enabled; None if a required branch has no model left."""
    match step:
        case Try(models=models):
            kept = tuple(model for model in models if names.is_enabled(model))
            return replace(step, models=kept) if kept else None
        case Split(branches=branches):
            pruned = [(share, _prune(inner, names)) for share, inner in branches]
            served = tuple((share, inner) for share, inner in pruned if inner is not None)
            if not served or any(share is None and inner is None for share, inner in pruned):
                return None
            return Split(served) if len(served) > 1 else served[0][1]  # only else is left, which takes all traffic
        case If(conditions=conditions, then=then, otherwise=otherwise):
            first, second = _prune(then, names), _prune(otherwise, names)
            return If(conditions, first, second) if first and second else None
        case Limit(then=then, over=over):
            within = _prune(then, names)
            beyond = _prune(over, names) if over is not None else None
            return replace(step, then=within, over=beyond) if within and (over is None or beyond) else None


def resolve_roles(file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> dict[str, Role]:
    """The roles without models of providers that are not enabled: the next choice moves up.

    A role that has no model left is noted and dropped.
    """
    kept = {}
    for name, role in file.roles.items():
        choices = (role.primary, *role.fallbacks)
        enabled = names.enabled_choices(choices)
        if enabled:
            kept[name] = replace(role, primary=enabled[0], fallbacks=tuple(enabled[1:]))
        elif not any(diagnostics.failed_at(choice.location) for choice in choices):
            message = "skipped, no provider of its models is enabled"
            diagnostics.note(role.primary.location, f"roles.{name}", "nothing-left", message)
    return kept
