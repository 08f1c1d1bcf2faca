"""`gatewright:index:DynamicRoute`: a route that an edit updates by a new version and its deployment, without a gap.

The resource of Cloudflare's provider replaces the route at each edit, and does not support percentages.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.plugin.resource import CheckFailure, Diff, PropertyDiff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.import_hints import hints_for_stack
from gatewright.provider.inputs import check_inputs, nested_changes, parse_import_id, with_modified_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.dynamic_routes import Graph, Route
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str, "gatewayId": str, "name": str, "elements": dict}
_REPLACING = ("accountId", "gatewayId")


class DynamicRoute(Resource):
    """Inputs: `accountId`, `gatewayId`, `name`, and `elements` by their ids, so that a preview shows which elements
    change. Outputs: these; `routeId`, which is also the id; `versionId`, the deployed version; `displacedVersionId`,
    the version that the stack deployed last, only where another one is deployed, by a rollback or by hand;
    `modifiedAt` where a read finds a difference. A read returns the deployed graph. Import id:
    <account>/<gateway>/<id>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        return news, check_inputs(news, REQUIRED)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        changes: dict[str, PropertyDiff] = {}
        for name, change in compare(old_inputs, news, replace=_REPLACING).changes.items():
            if name == "elements":
                changes |= nested_changes(name, old_inputs.get(name), news[name])
            else:
                changes[name] = change
        return Diff(changes, stables=["routeId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**inputs, "routeId": UNKNOWN, "versionId": UNKNOWN}
        with hints_for_stack(urn):
            route = self._routes(inputs).create(str(inputs["name"]), _graph(inputs))
        return route.id, {**inputs, "routeId": route.id, "versionId": route.version}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        if outputs:
            account, gateway, route_id = str(outputs["accountId"]), str(outputs["gatewayId"]), resource_id
        else:
            account, gateway, route_id = parse_import_id(resource_id, "account", "gateway", "route")
        place: Object = {"accountId": account, "gatewayId": gateway}
        route = self._routes(place).get(route_id)
        return None if route is None else _read_result(place, route, outputs)

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

    def _routes(self, properties: Object) -> DynamicRoutes:
        return DynamicRoutes(self._connect(), str(properties["accountId"]), str(properties["gatewayId"]))


def _graph(inputs: Object) -> Graph:
    elements = cast("dict[str, dict[str, Any]]", inputs["elements"])
    return graph_of({"id": name, **element} for name, element in elements.items())


def _read_result(place: Object, route: Route, state: Object) -> ReadResult:
    """`state`: the outputs in the state, {} at an import."""
    deployed_by_stack = state.get("displacedVersionId", state.get("versionId"))
    inputs: Object = {**place, "name": route.name, "elements": cast("Object", route.graph)}
    outputs: Object = {**inputs, "routeId": route.id, "versionId": route.version}
    if deployed_by_stack not in (None, route.version):
        outputs["displacedVersionId"] = deployed_by_stack
    return ReadResult(route.id, inputs, with_modified_at(outputs, state, route.modified))
