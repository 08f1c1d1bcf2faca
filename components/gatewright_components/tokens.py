"""The account tokens of an environment; one that rotates is a resource for each of its generations."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken as Listed
from gatewright.cloudflare.generations import Generation, Rotation, called, generations, plan
from gatewright.environment.checks.tokens import token_name
from gatewright.facts.resource_types import GET_TOKENS, TOKENS_COMPONENT
from gatewright_components.permission_groups import group_ids
from gatewright_components.upstream import AccountToken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.cloudflare.generations import Plan
    from gatewright.environment.model.environment_file import Token
    from gatewright.environment.resolved import Environment
    from gatewright_components.own import Account


class Tokens(pulumi.ComponentResource):
    """Account tokens. By name: `values` are the newest, as secrets; `expiries` are their ends, of those that end."""

    def __init__(self, environment: Environment, account: Account, options: pulumi.ResourceOptions) -> None:
        super().__init__(TOKENS_COMPONENT, environment.name, None, options)
        self._environment, self._account = environment, account
        self._groups = group_ids(environment, pulumi.InvokeOptions(parent=self))
        self.values: dict[str, pulumi.Output[str]] = {}
        self.expiries: dict[str, str] = {}
        rotating = any(token.rotate is not None for token in environment.tokens.values())
        listed = self._listed() if rotating else []
        now = clock.now(os.environ)
        for name, token in environment.tokens.items():
            rotation = Rotation.of(token.rotate or None)
            found = generations(token_name(environment.name, name), listed)
            self._make(name, token, plan(name, rotation, now, found))
        self.register_outputs({})

    def _make(self, name: str, token: Token, decided: Plan) -> None:
        live = [self._generation(name, token, each) for each in decided.live]
        self.values[name] = pulumi.Output.secret(live[-1].value)
        if ends := _ends(token, decided.newest):
            self.expiries[name] = ends
        for note in decided.notes:
            pulumi.log.info(f"token {name}: {note}", self)
        if decided.retiring:
            listed = frozenset[str]().union(*(each.ids for each in decided.live))

            def decide(ids: Sequence[object]) -> None:
                """What retires stays in a run that makes a token: one whose id the listing did not have, or that has
                none yet, because this is a preview."""
                if not listed.issuperset(ids):
                    for each in decided.retiring:
                        self._generation(name, token, each)

            pulumi.Output.all(*(each.id for each in live)).apply(decide, run_with_unknowns=True)

    def _generation(self, name: str, token: Token, generation: Generation) -> AccountToken:
        inputs = token_inputs(self._environment, name, token, generation, self._groups)
        options = pulumi.ResourceOptions(parent=self)
        return AccountToken(called(name, generation), {"accountId": self._account.accountId, **inputs}, options)

    def _listed(self) -> list[Listed]:
        """The environment's tokens at Cloudflare, by one call. Raises pulumi.RunError where they cannot be listed."""
        environment = self._environment
        asked = {"accountId": environment.account, "prefix": token_name(environment.name, "")}
        options = pulumi.InvokeOptions(parent=self)
        answer = pulumi.runtime.invoke(GET_TOKENS, asked, options).value or {}
        if "refused" in answer:
            raise pulumi.RunError(f"which tokens are due cannot be told: {answer['refused']}")
        return [
            Listed(
                each["id"],
                each["name"],
                each.get("issuedOn"),
                each.get("lastUsedOn"),
                each["status"],
                each.get("expiresOn"),
            )
            for each in answer.get("tokens", ())
        ]


def token_inputs(
    environment: Environment, name: str, token: Token, generation: Generation, groups: Mapping[str, str]
) -> dict[str, Any]:
    """AccountToken's inputs: one policy over the account, groups sorted by id: the order of inputs is what diffs."""
    resources = json.dumps({f"com.cloudflare.api.account.{environment.account}": "*"}, separators=(",", ":"))
    allowed = [{"id": each} for each in sorted(groups[group] for group in token.allow or ())]
    inputs: dict[str, Any] = {
        "name": "/".join(filter(None, (token_name(environment.name, name), generation.suffix))),
        "policies": [{"effect": "allow", "permissionGroups": allowed, "resources": resources}],
    }
    addresses = {"ins": sorted(token.from_), "notIns": sorted(token.not_from)}
    if any(addresses.values()):
        # an unset condition is absent, not {}: Cloudflare answers it as it was sent
        inputs["condition"] = {"requestIp": {side: ranges for side, ranges in addresses.items() if ranges}}
    if token.not_before:
        inputs["notBefore"] = token.not_before
    if ends := _ends(token, generation):
        inputs["expiresOn"] = ends
    return inputs


def _ends(token: Token, generation: Generation) -> str | None:
    return generation.expires_on or token.expires
