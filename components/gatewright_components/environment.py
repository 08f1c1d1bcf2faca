"""A gateway with everything that belongs to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from gatewright.environment.model.gateway import default_gateway_name
from gatewright.facts.resource_types import (
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    ENVIRONMENT_COMPONENT,
    PROVIDER_CONFIG,
)
from gatewright_components import cloudflare
from gatewright_components.access import Access, AccessArgs, AccessSettings
from gatewright_components.args import as_args, properties
from gatewright_components.children import Transformation, child_options
from gatewright_components.client_files import ClientFiles, ClientFilesArgs
from gatewright_components.custom_domains import CustomDomains, CustomDomainsArgs, Domain
from gatewright_components.custom_providers import CustomProviders, CustomProvidersArgs
from gatewright_components.dynamic_routes import DynamicRoutes, DynamicRoutesArgs
from gatewright_components.gateway import Gateway, GatewayArgs
from gatewright_components.gateway_settings import GatewaySettings
from gatewright_components.provider_keys import ProviderKey, ProviderKeys, ProviderKeysArgs, require_stored
from gatewright_components.resources import (
    Account,
    AccountArgs,
    GatewayPolicies,
    GatewayPoliciesArgs,
    Provider,
    ProviderArgs,
)
from gatewright_components.tokens import Token, Tokens, TokensArgs

Deferred = tuple[pulumi.Output[str], Callable[[pulumi.Output[str]], None]]
"""An output, and the function that resolves it."""


@dataclass(kw_only=True, repr=False, eq=False)
class EnvironmentArgs:
    """Arguments of `Environment`."""

    account_id: str
    """The account's id."""
    gateway_id: str | None = None
    """The gateway's id, which is its name. Default: `agents-<name>`."""
    gateway: GatewaySettings | None = None
    """The gateway's settings."""
    provider_keys: Mapping[str, ProviderKey] | None = None
    """Keys that Cloudflare stores, by provider."""
    custom_providers: Mapping[str, pulumi.Input[str]] | None = None
    """By slug: the provider's https URL."""
    routes: Mapping[str, Mapping[str, Any]] | None = None
    """Dynamic routes, as in `DynamicRoutesArgs`."""
    tokens: Mapping[str, Token] | None = None
    """Account API tokens, by name."""
    domains: Mapping[str, Domain] | None = None
    """Custom domains, by host name."""
    access: AccessSettings | None = None
    """Who passes Cloudflare Access, which is put in front of the custom domains. Default: it is not."""
    policies: Mapping[str, Mapping[str, Any]] | None = None
    """Gateway policies, as in `GatewayPoliciesArgs`."""
    policy_requests: Sequence[Mapping[str, Any]] | None = None
    """Requests that the policies must allow, as in `GatewayPoliciesArgs`."""
    files: Mapping[str, str] | None = None
    """By path below out/<name>/: the text."""
    base_url: pulumi.Input[str] | None = None
    """URL of Cloudflare's API. Default: `CLOUDFLARE_BASE_URL`, or Cloudflare's own."""
    api_token: pulumi.Input[str] | None = None
    """The deploying token. Default: `CLOUDFLARE_API_TOKEN`, which keeps it out of the state."""


class Environment(pulumi.ComponentResource):
    """A gateway with its routes, stored keys, custom providers, domains, tokens and client files.

    The account is checked first and the files are written next: nothing is created at Cloudflare if either fails.
    """

    gateway_id: pulumi.Output[str]
    """The gateway's id, which is its name."""
    domains: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """By host name: `cname`, the host name that the CNAME must point to, and `status`."""
    files: Mapping[str, pulumi.Output[str]]
    """By path: SHA-256 of the content, in hexadecimal."""
    tokens: Mapping[str, pulumi.Output[str]]
    """By name: the value of the newest generation, a secret."""
    token_expiries: Mapping[str, str]
    """By name: when the newest generation expires, as an RFC 3339 timestamp."""

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(ENVIRONMENT_COMPONENT, name, None, opts)
        args = as_args(EnvironmentArgs, args)
        plugins = self._plugins(name, args)
        # a key that Cloudflare lacks is found before anything is created or written
        keys = {provider: as_args(ProviderKey, key) for provider, key in (args.provider_keys or {}).items()}
        invoke = pulumi.InvokeOptions(parent=self, provider=plugins.own)
        keys = require_stored(args.account_id, args.gateway_id or default_gateway_name(name), keys, invoke)
        account = Account(
            name, AccountArgs(account_id=args.account_id), pulumi.ResourceOptions(parent=self, provider=plugins.own)
        )
        files = ClientFiles(
            name,
            ClientFilesArgs(files=args.files or {}),
            plugins.options([plugins.own], child=child_options(CONFIG_FILE, depends_on=[account])),
        )
        self._register(name, args, account.account_id, keys, replace(plugins, after=[files]))
        self.files = files.sha256
        self.register_outputs({})

    def _plugins(self, name: str, args: EnvironmentArgs) -> "_Plugins":
        address = {"base_url": args.base_url, "api_token": args.api_token}
        inside = pulumi.ResourceOptions(parent=self)
        own = Provider(name, ProviderArgs(**address), inside)
        return _Plugins(self, own, cloudflare.Provider(name, properties(ProviderArgs(**address)), inside))

    def _register(
        self,
        name: str,
        args: EnvironmentArgs,
        account_id: pulumi.Output[str],
        keys: Mapping[str, ProviderKey],
        plugins: "_Plugins",
    ) -> None:
        """Everything at Cloudflare."""
        gateway_id = args.gateway_id or default_gateway_name(name)
        # the gateway names the store, and the keys in the store need the gateway
        store: Deferred | None = pulumi.deferred_output() if keys else None
        settings = GatewayArgs(account_id=account_id, settings=args.gateway, store_id=store[0] if store else None)
        self.gateway = Gateway(gateway_id, settings, plugins.options([plugins.upstream]))
        self.gateway_id = self.gateway.gateway_id
        stored = ProviderKeys(
            name,
            ProviderKeysArgs(account_id=account_id, gateway_id=gateway_id, keys=keys),
            plugins.options(plugins.both, child=child_options(PROVIDER_CONFIG, depends_on=[self.gateway.resource])),
        )
        if store and stored.store_id is not None:
            store[1](stored.store_id)
        providers = CustomProvidersArgs(account_id=account_id, base_urls=args.custom_providers or {})
        # an environment with a gateway counts as a user of a shared provider
        after_gateway = child_options(CUSTOM_PROVIDER, depends_on=[self.gateway.resource])
        CustomProviders(name, providers, plugins.options([plugins.own], child=after_gateway))
        DynamicRoutes(
            gateway_id,
            DynamicRoutesArgs(account_id=account_id, gateway_id=self.gateway_id, routes=args.routes or {}),
            plugins.options([plugins.own], child=child_options(DYNAMIC_ROUTE, depends_on=stored.configs)),
        )
        tokens = Tokens(
            name,
            TokensArgs(account_id=account_id, known_account_id=args.account_id, tokens=args.tokens or {}),
            plugins.options(plugins.both),
        )
        self.tokens, self.token_expiries = tokens.values, tokens.expiries
        self.access = self._access(gateway_id, name, args, account_id, plugins)
        # a domain that is new, or on its way out, is behind Access too
        behind = child_options(CUSTOM_DOMAIN, depends_on=[self.access.application]) if self.access else None
        domains = CustomDomainsArgs(account_id=account_id, gateway_id=self.gateway_id, domains=args.domains or {})
        self.domains = CustomDomains(gateway_id, domains, plugins.options(plugins.both, child=behind)).domains
        if args.policies:
            GatewayPolicies(
                gateway_id,
                GatewayPoliciesArgs(
                    account_id=account_id,
                    gateway_id=self.gateway_id,
                    policies=args.policies,
                    requests=args.policy_requests,
                ),
                pulumi.ResourceOptions(parent=self, provider=plugins.own, depends_on=list(plugins.after)),
            )

    def _access(
        self, gateway_id: str, name: str, args: EnvironmentArgs, account_id: pulumi.Output[str], plugins: "_Plugins"
    ) -> Access | None:
        if args.access is None:
            return None
        settings = AccessArgs(
            account_id=account_id, domains=[*(args.domains or {})], settings=args.access, environment=name
        )
        return Access(gateway_id, settings, plugins.options([plugins.upstream]))


@dataclass(frozen=True)
class _Plugins:
    """The plugins of an environment, and the options of the components that use them."""

    parent: pulumi.Resource
    own: Provider
    upstream: cloudflare.Provider
    after: Sequence[pulumi.Resource] = ()
    """What the components wait for."""

    @property
    def both(self) -> list[pulumi.ProviderResource]:
        return [self.own, self.upstream]

    def options(
        self, plugins: Sequence[pulumi.ProviderResource], child: Transformation | None = None
    ) -> pulumi.ResourceOptions:
        """Options of a component that uses `plugins`; `child` adds options to its resources."""
        return pulumi.ResourceOptions(
            parent=self.parent,
            providers=list(plugins),
            depends_on=list(self.after),
            transformations=[child] if child else None,
        )
