"""The gateway of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.secrets import revealed
from components.upstream import AiGateway
from gatewright.cloudflare.gateway_body import gateway_body
from gatewright.cloudflare.resources import AI_GATEWAY
from gatewright.cloudflare.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from components.own import Account
    from gatewright.environment.resolved import Environment


class Gateway(pulumi.ComponentResource):
    """An AI Gateway with every setting of it; `gateway_id` is its name at Cloudflare."""

    def __init__(self, environment: Environment, account: Account, options: pulumi.ResourceOptions) -> None:
        super().__init__("gatewright:components:Gateway", environment.gateway_name, None, options)
        inputs = {"accountId": account.accountId, **gateway_inputs(environment)}
        inner = pulumi.ResourceOptions(
            parent=self,
            protect=environment.protect,
            additional_secret_outputs=[name for name in ("otels", "stripe") if name in inputs],
        )
        self.gateway = AiGateway(environment.gateway_name, inputs, inner)
        self.gateway_id = self.gateway.id
        self._check_that_it_took(inputs)
        self.register_outputs({"gatewayId": self.gateway_id})

    def _check_that_it_took(self, inputs: dict[str, Any]) -> None:
        """Plugins before 6.23 drop these two without a word."""
        for name in ("byokOnly", "logClassification"):
            if inputs[name]:
                getattr(self.gateway, name).apply(lambda value, name=name: _refuse_dropped(name, value))


def _refuse_dropped(name: str, value: object) -> None:
    if value is not True and not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(
            f"Cloudflare's plugin dropped {name}: it is older than 6.23 → pulumi plugin install resource cloudflare"
        )


def gateway_inputs(environment: Environment) -> dict[str, Any]:
    """AiGateway's inputs by Pulumi's names, secrets in place of their references."""
    inputs = renamed(AI_GATEWAY.inputs, gateway_body(environment.gateway))
    return {name: revealed(value) for name, value in inputs.items()}


def renamed(fields: Iterable[Field], body: Mapping[str, Any]) -> dict[str, Any]:
    """What the API calls by its names, by Pulumi's."""
    return {field.name: _renamed(field, body[field.wire_name]) for field in fields if field.wire_name in body}


def _renamed(field: Field, value: Any) -> Any:
    match value:
        case list() if field.element:
            return [_renamed(field.element, each) for each in value]
        case dict() if field.element:
            return {key: _renamed(field.element, each) for key, each in value.items()}
        case dict():
            return renamed(field.fields, value)
        case _:
            return value
