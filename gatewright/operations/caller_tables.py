"""Tables of who may call a gateway: whom Cloudflare Access lets pass, and the gateway's policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.access import application_name
from gatewright.cloudflare.generations import Generation, Rotation
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.model.gateway_domains import SERVICE_TOKEN
from gatewright.environment.model.gateway_policies import DENY
from gatewright.facts.gateway_policies import ALWAYS, EVERYONE
from gatewright.io.figures import NONE
from gatewright.operations.show import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.model.gateway_domains import DomainAccess, ServiceToken
    from gatewright.environment.model.gateway_policies import GatewayPolicy
    from gatewright.environment.resolved import Environment


def access(environment: Environment, now: int) -> Table:
    """Whom the Access application in front of the domains lets pass. `now` in seconds since 1970."""
    headings = ("application", "who", "kind", "ends", "domains", "clients")
    settings = environment.gateway.access
    if settings is None:
        return Table("access", headings, ())
    application = application_name(environment.name) if settings.is_created else "created by hand"
    domains = ", ".join(environment.gateway.domains)
    senders = ", ".join(name for name, client in environment.clients.items() if client.domain_access) or NONE
    rows = (
        (application, who, kind, ends, domains, senders if is_sent else NONE)
        for who, kind, ends, is_sent in _callers(environment, settings, now)
    )
    return Table("access", headings, tuple(rows))


def _callers(environment: Environment, settings: DomainAccess, now: int) -> Iterator[tuple[str, str, str, bool]]:
    """Who passes, the kind, the end, and whether the environment's clients send it."""
    if not settings.is_created:
        variables = " and ".join(f"${name}" for name in settings.headers.values())
        yield f"the service token in {variables}", "service token", "as set at Cloudflare", True
        return
    if settings.service_token is not None:
        yield *_service_token(environment.name, settings.service_token, now), True
    allow = settings.allow
    if allow is None:
        return
    for token in allow.service_tokens:
        yield token, "service token", "as set at Cloudflare", settings.service_token is None
    for email in allow.emails:
        yield email, "all addresses of a domain" if email.startswith("@") else "person", NONE, False
    for group in allow.groups:
        yield group, "Access group", NONE, False


def _service_token(environment: str, token: ServiceToken, now: int) -> tuple[str, str, str]:
    """The generation of today by the calendar: it is created by the first up of its slot."""
    rule = Rotation.from_settings(token.rotate)
    start = rule.slot(now)
    generation = Generation(start, rule.epoch, rule.end(start))
    ends = f"{clock.day_of(rule.end(start))} at the earliest; rotates every {token.rotate.every}"
    return f"{token_name(environment, SERVICE_TOKEN)}/{generation.suffix}", "service token", ends


def gateway_policies(environment: Environment) -> Table:
    """The policies of the gateway, which Cloudflare evaluates all on each request."""
    headings = ("policy", "action", "models", "limit", "who", "when")
    rows = (
        (
            name,
            policy.effect,
            _models(policy),
            str(policy.limit) if policy.limit else NONE,
            "everyone" if policy.actor == EVERYONE else policy.actor,
            "always" if policy.when == ALWAYS else policy.when,
        )
        for name, policy in environment.gateway.policies.items()
    )
    return Table("gateway policies", headings, tuple(rows))


def _models(policy: GatewayPolicy) -> str:
    names = ", ".join((*policy.models, *policy.providers)) or "all"
    return f"all except {names}" if policy.effect == DENY and policy.except_ else names
