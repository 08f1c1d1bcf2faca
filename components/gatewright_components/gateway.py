"""The gateway of an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import GATEWAY_COMPONENT
from gatewright.facts.schema import pulumi_values
from gatewright_components.secrets import revealed, unset
from gatewright_components.upstream import PLUGIN_VERSION, AiGateway

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright_components.own import Account


class Gateway(pulumi.ComponentResource):
    """An AI Gateway with every setting of it; `gateway_id` is its name at Cloudflare, `store_id` the store that has its
    keys."""

    def __init__(
        self,
        environment: Environment,
        account: Account,
        settings: Settings,
        store_id: pulumi.Output[str] | None,
        options: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(GATEWAY_COMPONENT, environment.gateway_name, None, options)
        inputs = {"accountId": account.accountId, **settings.inputs}
        if store_id is not None:
            inputs["storeId"] = store_id
        inner = pulumi.ResourceOptions(
            parent=self,
            protect=environment.protect,
            additional_secret_outputs=[name for name in ("otels", "stripe") if name in inputs],
            ignore_changes=list(settings.unknown) or None,
        )
        for field in AI_GATEWAY.inputs:
            if names := settings.unknown.get(field.name):
                told = f"gateway.{field.wire_name} is not compared: not set here: {' and '.join(dict.fromkeys(names))}"
                pulumi.log.info(told, self)
        self.gateway = AiGateway(environment.gateway_name, inputs, inner)
        self.gateway_id = self._id_once_it_took([name for name in ("byokOnly", "logClassification") if inputs[name]])
        self.register_outputs({"gatewayId": self.gateway_id})

    def _id_once_it_took(self, wanted: Sequence[str]) -> pulumi.Output[str]:
        """The gateway's id, known once `wanted` are in force: plugins before 6.23 drop them without a word.

        The engine's own record is asked: the SDK answers with the input where a plugin gives no output.
        """
        if not wanted or pulumi.runtime.is_dry_run():
            return self.gateway.id

        async def checked(known: Sequence[str]) -> str:
            gateway_id, urn = known
            record = await pulumi.runtime.invoke_async("pulumi:pulumi:getResource", {"urn": urn})
            dropped = [name for name in wanted if record["state"].get(name) is not True]
            if dropped:
                raise pulumi.RunError(
                    f"Cloudflare's plugin dropped {' and '.join(dropped)}: it is older than 6.23 → "
                    f"pulumi plugin install resource cloudflare {PLUGIN_VERSION}"
                )
            return gateway_id

        return pulumi.Output.all(self.gateway.id, self.gateway.urn).apply(checked)


@dataclass(frozen=True, slots=True)
class Settings:
    """AiGateway's inputs by Pulumi's names, but for its place; what of them a preview cannot compare is `unknown`, with
    the variables that are not set."""

    inputs: Mapping[str, Any]
    unknown: Mapping[str, Sequence[str]]


def gateway_settings(environment: Environment) -> Settings:
    """The gateway's settings, secrets in place of their references.

    Raises pulumi.RunError for a secret that is not to be had; a preview needs none that stand in variables.
    """
    inputs = pulumi_values(AI_GATEWAY.inputs, gateway_body(environment.gateway))
    unknown = {name: variables for name, value in inputs.items() if (variables := unset(value))}
    return Settings({name: revealed(value) for name, value in inputs.items()}, unknown)
