"""Account API tokens. A token that rotates is one resource per generation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken as ListedToken
from gatewright.cloudflare.generations import (
    Generation,
    Plan,
    default_end,
    existing_generations,
    generation_name,
    plan_generations,
)
from gatewright.cloudflare.generations import Rotation as RotationRule
from gatewright.environment.checks.tokens import token_name
from gatewright.facts.resource_types import GET_TOKENS, TOKENS_COMPONENT
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.io.variables import variables
from gatewright_components.args import as_args
from gatewright_components.cloudflare import AccountToken
from gatewright_components.generations import keep_retiring
from gatewright_components.permission_groups import group_ids
from gatewright_components.stack_state import recorded_ids


@dataclass(kw_only=True, repr=False, eq=False)
class Rotation:
    """How a token rotates: a new generation is created by the first `up` in each slot of a calendar."""

    every: int | None = None
    """Seconds between two generations. None: the token rotated before and does not rotate any more."""
    overlap: int | None = None
    """Seconds that the previous generation stays valid after its successor was created. Default: one day."""
    lifetime: int | None = None
    """Seconds that a generation is valid. Default: twice `every` and `overlap` together."""
    epoch: int | None = None
    """Raise it to rotate before the next slot. Default: 1."""

    def rule(self) -> RotationRule:
        """The same, with the defaults."""
        if not self.every:
            return RotationRule(None)
        overlap = clock.DAY if self.overlap is None else self.overlap
        lifetime = 2 * (self.every + overlap) if self.lifetime is None else self.lifetime
        return RotationRule(self.every, overlap, lifetime, 1 if self.epoch is None else self.epoch)


@dataclass(kw_only=True, repr=False, eq=False)
class Token:
    """One account API token."""

    permissions: Sequence[str]
    """Permissions by Cloudflare's names: `AI Gateway Run`."""
    rotation: Rotation | None = None
    """How the token rotates. Default: it does not."""
    allowed_ips: Sequence[str] | None = None
    """CIDR ranges that the token may be used from. Default: all addresses."""
    denied_ips: Sequence[str] | None = None
    """CIDR ranges that the token must not be used from."""
    not_before: str | None = None
    """When the token becomes valid: an RFC 3339 timestamp in whole seconds."""
    expires_on: str | None = None
    """When a token that does not rotate expires: an RFC 3339 timestamp in whole seconds. Default: with the next
    calendar year; the first `up` of each year prolongs it."""


@dataclass(kw_only=True, repr=False, eq=False)
class TokensArgs:
    """Arguments of `Tokens`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    tokens: Mapping[str, Token]
    """By name. At Cloudflare a token is called `gatewright/<environment>/<name>`."""
    environment: str | None = None
    """The second part of the names at Cloudflare. Default: the component's name."""
    known_account_id: str | None = None
    """The account's id again, required where `account_id` is an output: existing tokens are listed before any resource
    is registered."""


class Tokens(pulumi.ComponentResource):
    """Account API tokens, each restricted to one account."""

    values: Mapping[str, pulumi.Output[str]]
    """By name: the value of the newest generation, a secret."""
    expiries: Mapping[str, str]
    """By name: when the newest generation expires, as an RFC 3339 timestamp."""

    def __init__(self, name: str, args: TokensArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKENS_COMPONENT, name, None, opts)
        args = as_args(TokensArgs, args)
        tokens = {token: as_args(Token, value) for token, value in args.tokens.items()}
        self._account_id, self._known_account_id = args.account_id, _known_account_id(args)
        self._environment = args.environment or name
        names = {permission for token in tokens.values() for permission in token.permissions}
        self._groups = group_ids(self._known_account_id, names, pulumi.InvokeOptions(parent=self))
        self.values, self.expiries = {}, {}
        listed = self._listed() if any(token.rotation is not None for token in tokens.values()) else []
        now = clock.now(variables())
        self._default_expiry = clock.format_timestamp(default_end(now))
        for token_key, token in tokens.items():
            rule = RotationRule(None) if token.rotation is None else as_args(Rotation, token.rotation).rule()
            existing = existing_generations(token_name(self._environment, token_key), listed)
            self._register(token_key, token, plan_generations(token_key, rule, now, existing))
        self.register_outputs({})

    def _register(self, name: str, token: Token, decision: Plan) -> None:
        live = [self._generation(name, token, generation) for generation in decision.live]
        self.values = {**self.values, name: pulumi.Output.secret(live[-1].value)}
        self.expiries = {**self.expiries, name: self._expiry(token, decision.newest)}
        for note in decision.notes:
            pulumi.log.info(f"token {name}: {note}", self)
        keep_retiring(decision, live, partial(self._generation, name, token))

    def _generation(self, name: str, token: Token, generation: Generation) -> AccountToken:
        base_name = token_name(self._environment, name)
        inputs = token_inputs(self._known_account_id, base_name, token, generation, self._groups)
        inputs["expiresOn"] = self._expiry(token, generation)
        place = {"accountId": self._account_id}
        return AccountToken(generation_name(name, generation), place | inputs, pulumi.ResourceOptions(parent=self))

    def _expiry(self, token: Token, generation: Generation) -> str:
        return generation.expires_on or token.expires_on or self._default_expiry

    def _listed(self) -> list[ListedToken]:
        """The stack's tokens as Cloudflare lists them, by one call. A token that only has such a name is not one.

        Raises pulumi.RunError where they cannot be listed.
        """
        request = {"accountId": self._known_account_id, "prefix": token_name(self._environment, "")}
        listing = pulumi.runtime.invoke(GET_TOKENS, request, pulumi.InvokeOptions(parent=self)).value or {}
        if "refused" in listing:
            raise pulumi.RunError(f"cannot list the tokens to decide which are due: {listing['refused']}")
        tokens = listing.get("tokens", ())
        recorded = frozenset(recorded_ids(ACCOUNT_TOKEN.token).values()) if tokens else ()
        return [
            ListedToken(
                token["id"],
                token["name"],
                token.get("issuedOn"),
                token.get("lastUsedOn"),
                token["status"],
                token.get("expiresOn"),
            )
            for token in tokens
            if token["id"] in recorded
        ]


def token_inputs(
    account_id: str, base_name: str, token: Token, generation: Generation, groups: Mapping[str, str]
) -> dict[str, Any]:
    """Inputs of an AccountToken without its end: one policy on the account, with groups sorted by id, since their order
    is compared."""
    resources = json.dumps({f"com.cloudflare.api.account.{account_id}": "*"}, separators=(",", ":"))
    allowed = [{"id": group_id} for group_id in sorted(groups[permission] for permission in token.permissions)]
    inputs: dict[str, Any] = {
        "name": "/".join(filter(None, (base_name, generation.suffix))),
        "policies": [{"effect": "allow", "permissionGroups": allowed, "resources": resources}],
    }
    addresses = {"ins": sorted(token.allowed_ips or ()), "notIns": sorted(token.denied_ips or ())}
    if any(addresses.values()):
        # an unset condition is absent, not {}: Cloudflare returns it as it was sent
        inputs["condition"] = {"requestIp": {side: ranges for side, ranges in addresses.items() if ranges}}
    if token.not_before:
        inputs["notBefore"] = token.not_before
    return inputs


def _known_account_id(args: TokensArgs) -> str:
    account_id = args.known_account_id or args.account_id
    if not isinstance(account_id, str):
        raise pulumi.RunError("TokensArgs.account_id is an output: TokensArgs.known_account_id is required")
    return account_id
