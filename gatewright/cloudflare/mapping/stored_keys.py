"""The provider keys of an environment that Cloudflare stores (BYOK), and what they are called there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.provider_limits import rate_limit_of
from gatewright.cloudflare.provider_configs import ALIAS, secret_name
from gatewright.environment.references import FromConfig, FromVariable, ModelName, Stored
from gatewright.facts.slugs import CUSTOM_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """One key: of which provider (its name in the file and its slug at Cloudflare), where its value comes from, and how
    many requests it may be used for: (requests, seconds)."""

    provider: str
    slug: str
    reference: FromVariable | FromConfig | Stored
    limit: tuple[int, int] | None
    secret: str


def provider_keys(environment: Environment) -> tuple[ProviderKey, ...]:
    """Those of the providers that anything reaches with a stored key: a route, or a client whose keys are stored.

    None on a gateway without authentication, where anyone could spend them.
    """
    if not environment.gateway.authenticated:
        return ()
    reached = _reached(environment)
    found = []
    for name, provider in environment.providers.items():
        if name in reached and isinstance(provider.key, FromVariable | FromConfig | Stored):
            slug = f"{CUSTOM_PREFIX}{name}" if provider.base_url else name
            secret = secret_name(environment.gateway_name, slug, ALIAS)
            found.append(ProviderKey(name, slug, provider.key, rate_limit_of(provider), secret))
    return tuple(found)


def unset_variables(environment: Environment, variables: Mapping[str, str]) -> dict[str, str]:
    """By provider: the variable of its stored key that `variables` lack; none where keys are fake."""
    if environment.local:
        return {}
    return {
        key.provider: key.reference.name
        for key in provider_keys(environment)
        if isinstance(key.reference, FromVariable) and key.reference.name not in variables
    }


def _reached(environment: Environment) -> set[str]:
    reached = {provider for route in environment.routes.values() for provider in route.providers()}
    for client in environment.clients.values():
        if client.keys == "stored":
            named = {name.provider for name in client.models if isinstance(name, ModelName)}
            reached |= {provider for provider in named if client.via.get(provider) != "direct"}
    return reached
