"""An AI Gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.environment.model.gateway import Gateway as DeclaredGateway
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import GATEWAY_COMPONENT
from gatewright.facts.schema import pulumi_values
from gatewright_components.args import as_args, declared_properties
from gatewright_components.cloudflare import PLUGIN_VERSION, AiGateway
from gatewright_components.gateway_settings import GatewaySettings

SINCE_6_23 = tuple(field.name for field in AI_GATEWAY.inputs if field.since)
"""Settings that older plugins drop without an error."""


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayArgs:
    """Arguments of `Gateway`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str] | None = None
    """The gateway's id, which is its name. A change replaces the gateway. Default: the component's name."""
    settings: GatewaySettings | None = None
    """The settings. A setting that is left out gets the default of an environment file."""
    store_id: pulumi.Input[str] | None = None
    """The id of the Secrets Store that holds the keys of its providers."""


class Gateway(pulumi.ComponentResource):
    """An AI Gateway. It requires a token and logs requests unless its settings say otherwise."""

    gateway_id: pulumi.Output[str]
    """The gateway's id, which is its name."""

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(GATEWAY_COMPONENT, name, None, opts)
        args = as_args(GatewayArgs, args)
        inputs: dict[str, Any] = {
            "accountId": args.account_id,
            **pulumi_values(AI_GATEWAY.inputs, gateway_body(DeclaredGateway())),
            **declared_properties(AI_GATEWAY.inputs, args.settings or GatewaySettings()),
            "aiGatewayId": name if args.gateway_id is None else args.gateway_id,
        }
        if args.store_id is not None:
            inputs["storeId"] = args.store_id
        secret: list[str] = [name for name in ("otels", "stripe") if name in inputs]
        inner = pulumi.ResourceOptions(parent=self, additional_secret_outputs=secret)
        self.resource = AiGateway(name, inputs, inner)
        self.gateway_id = self._id_once_applied({name: inputs[name] for name in SINCE_6_23})
        self.register_outputs({"gatewayId": self.gateway_id})

    def _id_once_applied(self, flags: Mapping[str, pulumi.Input[bool]]) -> pulumi.Output[str]:
        """The gateway's id, known once the flags that are true are in force. Older plugins drop them.

        The engine's record is read, because the SDK returns the input where a plugin returns no output.
        """
        if not any(flags.values()) or pulumi.runtime.is_dry_run():
            return self.resource.id

        async def checked(known: Mapping[str, Any]) -> str:
            record = await pulumi.runtime.invoke_async("pulumi:pulumi:getResource", {"urn": known["urn"]})
            dropped = [name for name in flags if known[name] and record["state"].get(name) is not True]
            if dropped:
                raise pulumi.RunError(
                    f"Cloudflare's plugin dropped {' and '.join(dropped)}: it is older than 6.23 → "
                    f"pulumi plugin install resource cloudflare {PLUGIN_VERSION}"
                )
            return str(known["id"])

        return pulumi.Output.all(id=self.resource.id, urn=self.resource.urn, **flags).apply(checked)
