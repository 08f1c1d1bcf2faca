"""Routes and roles on the merged whole: models not in use drop out, what cannot stand in a route is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.model.environment_file import Role
from gatewright.environment.model.routes import Elements, If, Limit, Split, Step, Try
from gatewright.environment.names import in_routes
from gatewright.facts.route_graph import flaws

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.model.routes import Route
    from gatewright.environment.names import Names
    from gatewright.environment.references import Located, ModelName


def routes_in_use(file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> dict[str, Route]:
    """The routes, without the models that are not in use; one that is left with none is an error."""
    kept: dict[str, Route] = {}
    for name, route in file.routes.items():
        if isinstance(route.tree, Elements):
            _check_graph(name, route.tree, route.location, diagnostics)
            kept[name] = route
            continue
        for model in route.models():
            _check_reachable(model, file, names, diagnostics)
        tree = _prune(route.tree, names)
        if tree is not None:
            kept[name] = replace(route, tree=tree)
        elif not any(diagnostics.failed_at(model.location) for model in route.models()):
            hint = f"Add a provider to `use`, or remove it here: routes: {{{name}: null}}"
            diagnostics.error(
                route.location, f"routes.{name}", "nothing-left", "one of its ways has no model in use", hint
            )
    return kept


def _check_graph(route: str, graph: Elements, location: Location, diagnostics: Diagnostics) -> None:
    for flaw in flaws(graph.elements):
        if flaw.index is None:
            diagnostics.error(location, f"routes.{route}.elements", "bad-graph", flaw.message, flaw.hint)
        else:
            path = f"routes.{route}.elements[{flaw.index}]{flaw.path and '.'}{flaw.path}"
            diagnostics.error(graph.locations[flaw.index], path, "bad-graph", flaw.message, flaw.hint)


def _check_reachable(model: Located[ModelName], file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> None:
    provider = file.providers.get(model.value.provider)
    if provider is None or model.value.provider not in names.used:
        return
    why = in_routes(model.value.provider, provider)
    if why:
        role = f"{{primary: {model.value}, fallbacks: [dynamic/…]}}"
        hint = f"Put it into a role, which the client does itself: roles: {{name: {role}}}"
        diagnostics.error(
            model.location, model.path, "not-in-routes", f"{model.value} cannot stand in a route: {why}", hint
        )


def _prune(step: Step, names: Names) -> Step | None:
    match step:
        case Try(models=models):
            kept = tuple(model for model in models if names.is_in_use(model))
            return replace(step, models=kept) if kept else None
        case Split(branches=branches):
            ways = [(share, _prune(inner, names)) for share, inner in branches]
            served = tuple((share, inner) for share, inner in ways if inner is not None)
            if not served or any(share is None and inner is None for share, inner in ways):
                return None
            return Split(served) if len(served) > 1 else served[0][1]  # else alone takes everything
        case If(conditions=conditions, then=then, otherwise=otherwise):
            first, second = _prune(then, names), _prune(otherwise, names)
            return If(conditions, first, second) if first and second else None
        case Limit(then=then, over=over):
            inner = _prune(then, names)
            beyond = _prune(over, names) if over is not None else None
            return replace(step, then=inner, over=beyond) if inner and (over is None or beyond) else None


def roles_in_use(file: EnvironmentFile, names: Names, diagnostics: Diagnostics) -> dict[str, Role]:
    """The roles, without the models that are not in use: the next choice moves up."""
    kept = {}
    for name, role in file.roles.items():
        choices = names.in_use_once((role.primary, *role.fallbacks))
        if choices:
            kept[name] = Role(primary=choices[0], fallbacks=tuple(choices[1:]))
        elif not any(diagnostics.failed_at(choice.location) for choice in (role.primary, *role.fallbacks)):
            hint = f"Add a provider to `use`, or remove it here: roles: {{{name}: null}}"
            diagnostics.error(
                role.primary.location, f"roles.{name}", "nothing-left", "none of its models is in use", hint
            )
    return kept
