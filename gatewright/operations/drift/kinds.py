"""How an `ignore:` rule names a resource, and which of its properties count as drift.

What Cloudflare sets by itself (when something was changed, when it was last used) is no drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.generations import token_of_generation
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import (
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.operations.plan.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.facts.schema import ResourceType
    from gatewright.operations.stack.pulumi import Step


@dataclass(frozen=True, slots=True)
class Watched:
    """Of one type of resource: the properties that count, and where the environment's file declares it: `section`, the
    name, `key`."""

    properties: tuple[str, ...]
    section: str
    key: str = ""


def _settable(resource: ResourceType) -> tuple[str, ...]:
    """What a program may write; not the status of a token, which is another matter."""
    return tuple(field.name for field in resource.inputs if not field.unread and field.name != "status")


WATCHED: Mapping[str, Watched] = {
    AI_GATEWAY.token: Watched(_settable(AI_GATEWAY), "gateway"),
    DYNAMIC_ROUTE: Watched(("name", "elements"), "routes"),
    ACCOUNT_TOKEN.token: Watched(_settable(ACCOUNT_TOKEN), "tokens"),
    SECRETS_STORE_SECRET.token: Watched(_settable(SECRETS_STORE_SECRET), "providers", "key"),
    PROVIDER_CONFIG: Watched(
        ("providerSlug", "alias", "secretId", "rateLimit", "rateLimitPeriod", "defaultConfig"), "providers", "key"
    ),
    CUSTOM_PROVIDER: Watched(("name", "slug", "baseUrl", "enable"), "providers"),
    CUSTOM_DOMAIN: Watched(("hostname", "zoneId", "cnameTarget", "status"), "gateway.domains"),
    DNS_RECORD.token: Watched(("name", "type", "content", "proxied", "ttl"), "gateway.domains"),
    SECRETS_STORE: Watched(("storeId",), "providers"),
    CONFIG_FILE: Watched(("content", "mode", "onDisk"), "files"),
}


def declared_name(environment: Environment, step: Step) -> str:
    """What the environment's file calls the thing: agents for the token's generation agents-2026-11-03."""
    return token_of_generation(step.name, environment.tokens) if step.type == ACCOUNT_TOKEN.token else step.name


def path_of(environment: Environment, step: Step, below: str = "") -> tuple[str, ...]:
    """Where it is declared, as keys: (tokens, agents), (gateway, logs, collect). `below`: a setting of it."""
    watched = WATCHED[step.type]
    name = () if step.type in (AI_GATEWAY.token, SECRETS_STORE) else (declared_name(environment, step),)
    key = (watched.key,) if watched.key else ()
    return (*watched.section.split("."), *name, *key, *(below.split(".") if below else ()))


def called(step: Step) -> str:
    """What the thing is called: gateway, route, key, …"""
    return kind_of(step.type).name
