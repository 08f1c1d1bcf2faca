"""Cloudflare Access in front of a gateway's custom domains."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from gatewright import clock
from gatewright.cloudflare.access import application_name
from gatewright.cloudflare.account_tokens import AccountToken as ListedToken
from gatewright.cloudflare.generations import (
    UNKNOWN_USE,
    Generation,
    existing_generations,
    generation_name,
    plan_generations,
)
from gatewright.cloudflare.generations import Rotation as RotationRule
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.model.gateway_domains import SERVICE_TOKEN
from gatewright.facts.access import ACCESS_SERVICE_TOKEN, ALLOW, PEOPLE, SELF_HOSTED, SERVICE_AUTH, SERVICE_TOKENS
from gatewright.facts.resource_types import ACCESS_COMPONENT
from gatewright.io.variables import variables
from gatewright_components.args import as_args
from gatewright_components.cloudflare import AccessApplication, AccessPolicy, AccessServiceToken
from gatewright_components.generations import keep_retiring
from gatewright_components.stack_state import recorded_outputs
from gatewright_components.tokens import Rotation


@dataclass(kw_only=True, repr=False, eq=False)
class AccessSettings:
    """Who passes Access."""

    emails: Sequence[str] | None = None
    """People by email address; `@example.com` for all addresses of a domain."""
    groups: Sequence[str] | None = None
    """Ids of Access groups."""
    service_tokens: Sequence[str] | None = None
    """Ids of service tokens that exist."""
    rotation: Rotation | None = None
    """How the service token rotates that is created and passes too. Default: none is created."""
    header: str | None = None
    """A header from which the application reads both parts of a service token, as JSON. Default: two headers only."""


@dataclass(kw_only=True, repr=False, eq=False)
class AccessArgs:
    """Arguments of `Access`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    domains: Sequence[str]
    """The host names, at least one."""
    settings: AccessSettings
    """Who passes."""
    environment: str | None = None
    """The second part of the names at Cloudflare. Default: the component's name."""


class Access(pulumi.ComponentResource):
    """One Access application in front of host names, with a policy for service tokens and one for people.

    A service token that rotates is one resource per generation, as tokens are: another secret of the same service token
    (`client_secret_version`) would leave its end unchanged. Both generations pass until the older one is deleted.
    """

    service_token: Mapping[str, pulumi.Output[str]]
    """`clientId` and `clientSecret` (a secret) of the newest service token; empty if none is created."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ACCESS_COMPONENT, name, None, opts)
        args = as_args(AccessArgs, args)
        settings = as_args(AccessSettings, args.settings)
        self._account_id, self._environment = args.account_id, args.environment or name
        self.service_token = {}
        tokens = [] if settings.rotation is None else self._generations(as_args(Rotation, settings.rotation).rule())
        token_ids = [*(token.id for token in tokens), *(settings.service_tokens or ())]
        policies = [
            self._policy(SERVICE_TOKENS, SERVICE_AUTH, [{"serviceToken": {"tokenId": id_}} for id_ in token_ids]),
            self._policy(PEOPLE, ALLOW, list(_people(settings))),
        ]
        existing = [policy for policy in policies if policy is not None]
        inputs = {
            "accountId": self._account_id,
            "name": application_name(self._environment),
            "type": SELF_HOSTED,
            "domain": args.domains[0],
            "destinations": [{"type": "public", "uri": hostname} for hostname in args.domains],
            "policies": [{"id": policy.id, "precedence": place} for place, policy in enumerate(existing, 1)],
            "appLauncherVisible": False,
            "serviceAuth401Redirect": True,
            **({"readServiceTokensFromHeader": settings.header} if settings.header else {}),
        }
        self.application = AccessApplication(name, inputs, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

    def _generations(self, rule: RotationRule) -> list[AccessServiceToken]:
        base = token_name(self._environment, SERVICE_TOKEN)
        existing = [replace(old, used=UNKNOWN_USE) for old in existing_generations(base, _recorded())]
        plan = plan_generations(SERVICE_TOKEN, rule, clock.now(variables()), existing)
        for note in plan.notes:
            pulumi.log.info(f"service token: {note}", self)
        tokens = [self._generation(base, generation, rule) for generation in plan.live]
        keep_retiring(plan, tokens, lambda generation: self._generation(base, generation, rule))
        newest = tokens[-1]
        self.service_token = {"clientId": newest.clientId, "clientSecret": pulumi.Output.secret(newest.clientSecret)}
        return tokens

    def _generation(self, base: str, generation: Generation, rule: RotationRule) -> AccessServiceToken:
        inputs = service_token_inputs(base, generation, rule)
        options = pulumi.ResourceOptions(parent=self)
        return AccessServiceToken(
            generation_name(SERVICE_TOKEN, generation), {"accountId": self._account_id, **inputs}, options
        )

    def _policy(self, name: str, decision: str, includes: Sequence[Mapping[str, Any]]) -> AccessPolicy | None:
        if not includes:
            return None
        inputs = {
            "accountId": self._account_id,
            "name": token_name(self._environment, name),
            "decision": decision,
            "includes": includes,
        }
        return AccessPolicy(name, inputs, pulumi.ResourceOptions(parent=self))


def service_token_inputs(base: str, generation: Generation, rule: RotationRule) -> dict[str, Any]:
    """Inputs of an AccessServiceToken without its account. Its end counts from the creation, which is at the start of
    the generation or later."""
    return {"name": f"{base}/{generation.suffix}", "duration": f"{-(-rule.lifetime // clock.HOUR)}h"}


def _people(settings: AccessSettings) -> Iterator[dict[str, Any]]:
    for email in settings.emails or ():
        name, _, domain = email.partition("@")
        yield {"email": {"email": email}} if name else {"emailDomain": {"domain": domain}}
    yield from ({"group": {"id": group}} for group in settings.groups or ())


def _recorded() -> Iterable[ListedToken]:
    """The service tokens in the stack's state. The API does not return when one was issued: its end minus its length
    (guess for one that was renewed by hand)."""
    for outputs in recorded_outputs(ACCESS_SERVICE_TOKEN.token).values():
        hours, ends = str(outputs.get("duration", "")).removesuffix("h"), str(outputs["expiresAt"])
        issued = clock.parse_timestamp(ends) - int(hours) * clock.HOUR if hours.isdecimal() else 0
        yield ListedToken(outputs["id"], outputs["name"], clock.format_timestamp(issued), None, "active", ends)
