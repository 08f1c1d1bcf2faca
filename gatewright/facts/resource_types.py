"""Type tokens of gatewright's own resources, components and functions, as they appear in URNs.

Those of Cloudflare's plugin are in `gatewright.facts.resources`.
"""

from __future__ import annotations

from typing import Final

# resources
ACCOUNT: Final = "gatewright:index:Account"
CONFIG_FILE: Final = "gatewright:index:ConfigFile"
CUSTOM_DOMAIN: Final = "gatewright:index:CustomDomain"
CUSTOM_PROVIDER: Final = "gatewright:index:CustomProvider"
DYNAMIC_ROUTE: Final = "gatewright:index:DynamicRoute"
GATEWAY_POLICIES: Final = "gatewright:index:GatewayPolicies"
PROVIDER_CONFIG: Final = "gatewright:index:ProviderConfig"
SECRETS_STORE: Final = "gatewright:index:SecretsStore"

# functions
GET_SECRETS: Final = "gatewright:index:getSecrets"
GET_TOKENS: Final = "gatewright:index:getTokens"

# components
COMPONENTS: Final = "gatewright:components:"
ACCESS_COMPONENT: Final = f"{COMPONENTS}Access"
CLIENT_FILES_COMPONENT: Final = f"{COMPONENTS}ClientFiles"
CREDENTIALS_COMPONENT: Final = f"{COMPONENTS}Credentials"
CUSTOM_DOMAINS_COMPONENT: Final = f"{COMPONENTS}CustomDomains"
CUSTOM_PROVIDERS_COMPONENT: Final = f"{COMPONENTS}CustomProviders"
ENVIRONMENT_COMPONENT: Final = f"{COMPONENTS}Environment"
GATEWAY_COMPONENT: Final = f"{COMPONENTS}Gateway"
ROUTES_COMPONENT: Final = f"{COMPONENTS}Routes"
TOKENS_COMPONENT: Final = f"{COMPONENTS}Tokens"
