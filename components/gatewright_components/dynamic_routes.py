"""Dynamic routes of a gateway."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from gatewright.cloudflare.mapping.route_elements import Compiler
from gatewright.diagnostics import Location
from gatewright.environment.model.routes import DEFAULT_TIMEOUT, Try
from gatewright.environment.quantities import Duration
from gatewright.environment.references import Located, ModelName
from gatewright.facts.resource_types import ROUTES_COMPONENT
from gatewright_components.args import as_args
from gatewright_components.resources import DynamicRoute, DynamicRouteArgs


@dataclass(kw_only=True, repr=False, eq=False)
class DynamicRoutesArgs:
    """Arguments of `DynamicRoutes`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    routes: Mapping[str, Mapping[str, Any]]
    """By name: the elements of the graph by their ids, with `type`, `outputs` and `properties` as in Cloudflare's
    API."""


class DynamicRoutes(pulumi.ComponentResource):
    """Dynamic routes of a gateway. Clients use each as the model `dynamic/<name>`."""

    def __init__(self, name: str, args: DynamicRoutesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ROUTES_COMPONENT, name, None, opts)
        args = as_args(DynamicRoutesArgs, args)
        inner = pulumi.ResourceOptions(parent=self)
        for route, elements in args.routes.items():
            place = {"account_id": args.account_id, "gateway_id": args.gateway_id}
            DynamicRoute(route, DynamicRouteArgs(**place, name=route, elements=elements), inner)
        self.register_outputs({})


def fallback_elements(
    models: Sequence[str], *, retries: int = 0, timeout: int = DEFAULT_TIMEOUT
) -> dict[str, dict[str, Any]]:
    """The elements of a route that tries `models` in order. Each is `<provider's slug>/<model's id at the provider>`.

    `retries` is the number of further attempts per model, `timeout` the milliseconds that each attempt has.
    """
    names = [ModelName(*model.split("/", 1)) for model in models]
    here = Location("", 0, 0)
    tree = Try(tuple(Located(name, here, "") for name in names), retries, Duration(timeout, f"{timeout}ms"))
    return elements_by_id(Compiler(lambda name: name.model).compile(tree))


def elements_by_id(elements: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A graph as Cloudflare lists it, as the plugin takes it."""
    return {element["id"]: {name: value for name, value in element.items() if name != "id"} for element in elements}
