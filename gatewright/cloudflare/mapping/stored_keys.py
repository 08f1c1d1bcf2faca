"""The provider keys of an environment that Cloudflare stores (BYOK), with their names there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.provider_limits import rate_limit_of
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS, secret_name
from gatewright.environment.references import FromConfig, FromVariable, ModelName, Stored
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment


@frozen
class ProviderKey:
    """The key of one provider. `provider` is its name in the file, `slug` its name at Cloudflare. `reference` is the
    source of the value, `limit` is (requests, seconds), `secret` is the name of the secret."""

    provider: str
    slug: str
    reference: FromVariable | FromConfig | Stored
    limit: tuple[int, int] | None
    secret: str


def provider_keys(environment: Environment) -> tuple[ProviderKey, ...]:
    """The keys of the providers that a route, or a client with stored keys, calls.

    A gateway without authentication has none: anyone could spend them.
    """
    if not environment.gateway.authenticated:
        return ()
    called = _called_providers(environment)
    keys = []
    for name, provider in environment.providers.items():
        if name in called and isinstance(provider.key, FromVariable | FromConfig | Stored):
            slug = environment.slug(name)
            secret = secret_name(environment.gateway_name, slug, DEFAULT_ALIAS)
            keys.append(ProviderKey(name, slug, provider.key, rate_limit_of(provider), secret))
    return tuple(keys)


def unset_variables(environment: Environment, variables: Mapping[str, str]) -> dict[str, str]:
    """Provider -> the variable of its stored key that is not in `variables`; empty where keys are fake."""
    if environment.local:
        return {}
    return {
        key.provider: key.reference.name
        for key in provider_keys(environment)
        if isinstance(key.reference, FromVariable) and key.reference.name not in variables
    }


def _called_providers(environment: Environment) -> set[str]:
    called = {provider for route in environment.routes.values() for provider in route.providers()}
    for client in environment.clients.values():
        if client.keys == "stored":
            named = {name.provider for name in client.models if isinstance(name, ModelName)}
            called |= {provider for provider in named if client.via.get(provider) != "direct"}
    return called
