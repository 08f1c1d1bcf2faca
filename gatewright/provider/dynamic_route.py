"""`gatewright:index:DynamicRoute`: a route that is edited by a further version and its deployment, and never missing.

Upstream's resource replaces the route at each edit, and cannot say percentages.
"""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.plugin.resource import Change, Diff, Failure, Found, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import failures, imported, nested_changes, with_moment
from gatewright.provider.taken import in_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.dynamic_routes import Graph, Route
    from gatewright.plugin.values import Object

INPUTS: dict[str, type] = {"accountId": str, "gatewayId": str, "name": str, "elements": dict}
_MOVES = ("accountId", "gatewayId")


class DynamicRoute(Resource):
    """Inputs: `accountId`, `gatewayId`, `name`, and `elements` by their ids, so that a preview shows which element
    changes. Outputs: these, `routeId`, which is the id as well, `versionId`, the version that runs, and only where
    that is another than the stack deployed last, by a rollback or by hand: `displacedVersionId`, the stack's, and where
    a read found what the state does not hold: `modifiedAt`. A read shows what is deployed. Imported by
    <account>/<gateway>/<id>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        return news, failures(news, INPUTS)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes: dict[str, Change] = {}
        for name, change in compare(old_inputs, news, replace=_MOVES).changes.items():
            if name == "elements":
                changes |= nested_changes(name, old_inputs.get(name), news[name])
            else:
                changes[name] = change
        return Diff(changes, stables=["routeId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**inputs, "routeId": UNKNOWN, "versionId": UNKNOWN}
        with in_stack(urn):
            made = self._routes(inputs).create(str(inputs["name"]), _graph(inputs))
        return made.id, {**inputs, "routeId": made.id, "versionId": made.version}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        if outputs:
            account, gateway, route = str(outputs["accountId"]), str(outputs["gatewayId"]), resource_id
        else:
            account, gateway, route = imported(resource_id, "account", "gateway", "route")
        place: Object = {"accountId": account, "gatewayId": gateway}
        there = self._routes(place).get(route)
        return None if there is None else _found(place, there, outputs)

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        edited = old_inputs.get("elements") != news["elements"]
        version = outputs.get("versionId")
        if preview:
            return {**news, "routeId": resource_id, "versionId": UNKNOWN if edited else version}
        routes = self._routes(news)
        if old_inputs.get("name") != news["name"]:
            routes.rename(resource_id, str(news["name"]))
        if edited:
            version = routes.deploy(resource_id, _graph(news))
        return {**news, "routeId": resource_id, "versionId": version}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._routes(outputs).delete(resource_id)

    def _routes(self, place: Object) -> DynamicRoutes:
        return DynamicRoutes(self._connect(), str(place["accountId"]), str(place["gatewayId"]))


def _graph(inputs: Object) -> Graph:
    elements = cast("dict[str, dict[str, Any]]", inputs["elements"])
    return graph_of({"id": name, **element} for name, element in elements.items())


def _found(place: Object, there: Route, held: Object) -> Found:
    """`held`: the outputs that the state has, {} at an import."""
    own = held.get("displacedVersionId", held.get("versionId"))
    inputs: Object = {**place, "name": there.name, "elements": cast("Object", there.graph)}
    outputs: Object = {**inputs, "routeId": there.id, "versionId": there.version}
    if own not in (None, there.version):
        outputs["displacedVersionId"] = own
    return Found(there.id, inputs, with_moment(outputs, held, there.modified))
