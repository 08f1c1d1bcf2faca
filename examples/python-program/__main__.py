"""A gateway with a stored key, a route and a token, without environment files."""

import pulumi

from gatewright_components import (
    DynamicRoutes,
    DynamicRoutesArgs,
    Gateway,
    GatewayArgs,
    GatewaySettings,
    ProviderKey,
    ProviderKeys,
    ProviderKeysArgs,
    Rotation,
    SecretsStore,
    SecretsStoreArgs,
    Token,
    Tokens,
    TokensArgs,
    fallback_elements,
)

config = pulumi.Config()
account = config.require("account")

store = SecretsStore("agents", SecretsStoreArgs(account_id=account))
gateway = Gateway(
    "agents",
    GatewayArgs(
        account_id=account,
        store_id=store.store_id,
        settings=GatewaySettings(cache_ttl=300, rate_limiting_limit=600, rate_limiting_interval=60),
    ),
)
keys = ProviderKeys(
    "agents",
    ProviderKeysArgs(
        account_id=account,
        gateway_id="agents",
        store_id=store.store_id,
        keys={"groq": ProviderKey(value=config.require_secret("groqKey"), rate_limit=30)},
    ),
    pulumi.ResourceOptions(depends_on=[gateway]),
)
models = ["groq/openai/gpt-oss-20b", "workers-ai/@cf/openai/gpt-oss-20b"]
DynamicRoutes(
    "agents",
    DynamicRoutesArgs(account_id=account, gateway_id=gateway.gateway_id, routes={"fast": fallback_elements(models)}),
    pulumi.ResourceOptions(depends_on=[keys]),
)
rotation = Rotation(every=30 * 86_400, overlap=7 * 86_400)
tokens = Tokens(
    "agents",
    TokensArgs(account_id=account, tokens={"laptop": Token(permissions=["AI Gateway Run"], rotation=rotation)}),
)

pulumi.export("gateway", gateway.gateway_id)
pulumi.export("token", tokens.values["laptop"])
