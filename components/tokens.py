"""The account tokens of an environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi

from components.permission_groups import group_ids
from components.upstream import AccountToken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.own import Account
    from gatewright.environment.model import Token
    from gatewright.environment.resolved import Environment


class Tokens(pulumi.ComponentResource):
    """Account tokens; `values` are the tokens themselves, as secrets, by name."""

    def __init__(self, environment: Environment, account: Account, options: pulumi.ResourceOptions) -> None:
        super().__init__("gatewright:components:Tokens", environment.name, None, options)
        ids = group_ids(environment, pulumi.InvokeOptions(parent=self))
        self.values: dict[str, pulumi.Output[str]] = {}
        for name, token in environment.tokens.items():
            inputs = token_inputs(environment, name, token, [ids[group] for group in token.allow or ()])
            made = AccountToken(name, {"accountId": account.accountId, **inputs}, pulumi.ResourceOptions(parent=self))
            self.values[name] = pulumi.Output.secret(made.value)
        self.register_outputs({})


def token_inputs(environment: Environment, name: str, token: Token, groups: Sequence[str]) -> dict[str, Any]:
    """AccountToken's inputs: one policy over the account, groups sorted by id: the order of inputs is what diffs."""
    resources = json.dumps({f"com.cloudflare.api.account.{environment.account}": "*"}, separators=(",", ":"))
    policy = {"effect": "allow", "permissionGroups": [{"id": each} for each in sorted(groups)], "resources": resources}
    inputs: dict[str, Any] = {
        "name": f"gatewright/{environment.name}/{name}",
        "policies": [policy],
    }
    addresses = {"ins": sorted(token.from_), "notIns": sorted(token.not_from)}
    if any(addresses.values()):
        # an unset condition is absent, not {}: Cloudflare answers it as it was sent
        inputs["condition"] = {"requestIp": {side: ranges for side, ranges in addresses.items() if ranges}}
    if token.not_before:
        inputs["notBefore"] = token.not_before
    if token.expires:
        inputs["expiresOn"] = token.expires
    return inputs
