"""adopt ENV: find resources of an environment that exist at Cloudflare but not in its stack.

A run that is killed between Cloudflare's response and the engine's write of the state leaves such resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.custom_domains import CustomDomains
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.cloudflare.gateway_policies import GatewayPolicies
from gatewright.cloudflare.live_gateway import has_gateway, read_tokens
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS, ProviderConfigs
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.environment.references import Stored
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import (
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    PROVIDER_CONFIG,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.frozen import frozen
from gatewright.import_file import (
    Entry,
    import_file,
    imports_text,
    read_imports,
)
from gatewright.operations.access_leftovers import access_leftovers
from gatewright.operations.adoption.access import access_entries
from gatewright.workspace import require_account, users_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_domains import CustomDomain
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project

    Json = dict[str, Any]


@frozen
class Unmanaged:
    """The resources that the next up can import, tokens whose value is lost, and shared custom providers.

    `lost_service_tokens` are those for Access, whose secrets are lost. `shared` are those that other stacks of the
    project own, with the names of their environments; up shares them.
    """

    entries: tuple[Entry, ...]
    lost_tokens: tuple[str, ...]
    shared: Mapping[str, tuple[str, ...]]
    lost_service_tokens: tuple[str, ...] = ()


def find_unmanaged(project: Project, environment: Environment, client: Client, pulumi: Pulumi) -> Unmanaged:
    """Find what the environment declares, Cloudflare has, and the stack lacks. Raises as `Client` and the engine do."""
    state = pulumi.state()
    known = {(resource["type"], resource["urn"].rpartition("::")[2]) for resource in state}
    missing = [entry for entry in _existing(environment, client) if (entry.type, entry.name) not in known]
    slugs = [entry.name for entry in missing if entry.type == CUSTOM_PROVIDER]
    shared = {slug: others for slug in slugs if (others := users_of(project, environment, slug))}
    entries = [entry for entry in missing if entry.type != CUSTOM_PROVIDER or entry.name not in shared]
    ids = {resource.get("id") for resource in state if resource["type"] == ACCOUNT_TOKEN.token}
    lost = [str(token["name"]) for token in _tokens(environment, client) if token["id"] not in ids]
    known_ids = {str(resource.get("id")) for resource in state}
    left = access_leftovers(environment, client, known_ids)
    lost_service_tokens = tuple(each.name for each in left if each.type == ACCESS_SERVICE_TOKEN.token)
    return Unmanaged(tuple(entries), tuple(lost), shared, lost_service_tokens)


def add_imports(project: Project, environment: str, new: Iterable[Entry]) -> str:
    """Add entries to the environment's import file; return its path for messages."""
    entries = {(entry.type, entry.name): entry for entry in (*new, *read_imports(project, environment))}
    path = import_file(project, environment)
    path.write_text(imports_text(entries.values()), encoding="utf-8")
    return project.shown(path)


def _existing(environment: Environment, client: Client) -> Iterator[Entry]:
    account, gateway = require_account(environment), environment.gateway_name
    prefix = f"{account}/{gateway}"
    if has_gateway(client, account, gateway):
        yield Entry(AI_GATEWAY.token, gateway, prefix)
        for route in DynamicRoutes(client, account, gateway).list_all():
            if route.name in environment.routes:
                yield Entry(DYNAMIC_ROUTE, route.name, f"{prefix}/{route.id}")
        if environment.gateway.policies and GatewayPolicies(client, account, gateway).in_force():
            yield Entry(GATEWAY_POLICIES, gateway, prefix)
        keys = {key.slug: key.provider for key in provider_keys(environment)}
        for config in ProviderConfigs(client, account, gateway).list_all() if keys else ():
            if config.slug in keys and config.alias == DEFAULT_ALIAS:
                yield Entry(PROVIDER_CONFIG, keys[config.slug], f"{prefix}/{config.id}")
        for domain in CustomDomains(client, account, gateway).list_all() if environment.gateway.domains else ():
            if domain.hostname in environment.gateway.domains:
                yield Entry(CUSTOM_DOMAIN, domain.hostname, f"{prefix}/{domain.hostname}")
                yield from _dns_records(client, environment.gateway.domains[domain.hostname].zone, domain)
    yield from access_entries(environment, client)
    yield from _secrets(environment, client, account)
    custom = {name for name, provider in environment.providers.items() if provider.base_url is not None}
    for provider in CustomProviders(client, account).list_all() if custom else ():
        if provider.slug in custom:
            yield Entry(CUSTOM_PROVIDER, provider.slug, f"{account}/{provider.id}")


def _dns_records(client: Client, zone: str | None, domain: CustomDomain) -> Iterator[Entry]:
    """The CNAME of a domain whose zone is declared; a record with another content belongs to somebody else."""
    path = f"/zones/{zone}/dns_records"
    for record in list_all(client, path) if zone else ():
        if (record["type"], record["name"], record["content"]) == ("CNAME", domain.hostname, domain.cname_target):
            yield Entry(DNS_RECORD.token, domain.hostname, f"{zone}/{record['id']}")


def _secrets(environment: Environment, client: Client, account: str) -> Iterator[Entry]:
    """The secrets of the environment's keys; a secret that was stored by hand is not one of its resources."""
    names = {
        key.secret: key.provider
        for key in provider_keys(environment)
        if environment.local or not isinstance(key.reference, Stored)
    }
    store = SecretsStores(client, account).find() if names else None
    for secret in Secrets(client, account, store).list_all() if store else ():
        if secret.name in names:
            yield Entry(SECRETS_STORE_SECRET.token, names[secret.name], f"{account}/{store}/{secret.id}")


def _tokens(environment: Environment, client: Client) -> list[Json]:
    """The tokens with the environment's prefix; none where they may not be listed."""
    prefixes = tuple(f"gatewright/{environment.name}/{name}" for name in environment.tokens)
    tokens = read_tokens(client, require_account(environment)) or ()
    return [token for token in tokens if str(token["name"]).startswith(prefixes)]
