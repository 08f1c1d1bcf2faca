"""The dynamic routes of an environment's gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.facts.resource_types import ROUTES_COMPONENT
from gatewright_components.own import DynamicRoute

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright_components.credentials import Credentials
    from gatewright_components.gateway import Gateway
    from gatewright_components.own import Account


class Routes(pulumi.ComponentResource):
    """One route for each in the file, called dynamic/<name>; they wait for their gateway and for the keys that they
    use, which go only after them."""

    def __init__(
        self,
        environment: Environment,
        account: Account,
        gateway: Gateway,
        credentials: Credentials,
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(ROUTES_COMPONENT, environment.gateway_name, None, options)
        inner = pulumi.ResourceOptions(parent=self, depends_on=credentials.configs)
        for name in environment.routes:
            DynamicRoute(name, account.accountId, gateway.gateway_id, route_elements(environment, name), inner)
        self.register_outputs({})
