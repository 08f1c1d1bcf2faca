"""Pulumi components for Cloudflare AI Gateway. Only these modules register resources.

    gateway = Gateway("agents", GatewayArgs(account_id=ACCOUNT_ID, settings=GatewaySettings(cache_ttl=300)))
    place = {"account_id": ACCOUNT_ID, "gateway_id": gateway.gateway_id}
    elements = fallback_elements(["groq/openai/gpt-oss-20b", "workers-ai/@cf/openai/gpt-oss-20b"])
    DynamicRoute("fast", DynamicRouteArgs(**place, name="fast", elements=elements))

Components group resources: Environment, Gateway, ProviderKeys, DynamicRoutes, CustomProviders, CustomDomains, Access,
Tokens, ClientFiles. DynamicRoute, CustomProvider, CustomDomain and GatewayPolicies register one resource
each.
"""

# the component host reads annotations at run time: no module with arguments may postpone them

from gatewright_components.access import Access, AccessArgs, AccessSettings
from gatewright_components.client_files import ClientFiles, ClientFilesArgs
from gatewright_components.custom_domains import CustomDomains, CustomDomainsArgs, Domain
from gatewright_components.custom_providers import CustomProviders, CustomProvidersArgs
from gatewright_components.dynamic_routes import DynamicRoutes, DynamicRoutesArgs, fallback_elements
from gatewright_components.environment import Environment, EnvironmentArgs
from gatewright_components.gateway import Gateway, GatewayArgs
from gatewright_components.gateway_settings import GatewaySettings
from gatewright_components.provider_keys import ProviderKey, ProviderKeys, ProviderKeysArgs
from gatewright_components.resources import (
    Account,
    AccountArgs,
    ConfigFile,
    ConfigFileArgs,
    CustomDomain,
    CustomDomainArgs,
    CustomProvider,
    CustomProviderArgs,
    DynamicRoute,
    DynamicRouteArgs,
    GatewayPolicies,
    GatewayPoliciesArgs,
    Provider,
    ProviderArgs,
    ProviderConfig,
    ProviderConfigArgs,
    SecretsStore,
    SecretsStoreArgs,
)
from gatewright_components.tokens import Rotation, Token, Tokens, TokensArgs

__all__ = [
    "Access",
    "AccessArgs",
    "AccessSettings",
    "Account",
    "AccountArgs",
    "ClientFiles",
    "ClientFilesArgs",
    "ConfigFile",
    "ConfigFileArgs",
    "CustomDomain",
    "CustomDomainArgs",
    "CustomDomains",
    "CustomDomainsArgs",
    "CustomProvider",
    "CustomProviderArgs",
    "CustomProviders",
    "CustomProvidersArgs",
    "Domain",
    "DynamicRoute",
    "DynamicRouteArgs",
    "DynamicRoutes",
    "DynamicRoutesArgs",
    "Environment",
    "EnvironmentArgs",
    "Gateway",
    "GatewayArgs",
    "GatewayPolicies",
    "GatewayPoliciesArgs",
    "GatewaySettings",
    "Provider",
    "ProviderArgs",
    "ProviderConfig",
    "ProviderConfigArgs",
    "ProviderKey",
    "ProviderKeys",
    "ProviderKeysArgs",
    "Rotation",
    "SecretsStore",
    "SecretsStoreArgs",
    "Token",
    "Tokens",
    "TokensArgs",
    "fallback_elements",
]
