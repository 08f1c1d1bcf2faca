"""Resources of the plugin `gatewright`, which gatewright/provider/schema.json describes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright_components.args import as_args, camel, properties

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Options = pulumi.ResourceOptions | None


@dataclass(kw_only=True, repr=False, eq=False)
class ProviderArgs:
    """Arguments of `Provider`."""

    base_url: pulumi.Input[str] | None = None
    """URL of Cloudflare's API. Default: `CLOUDFLARE_BASE_URL`, or Cloudflare's own."""
    api_token: pulumi.Input[str] | None = None
    """The API token. Default: `CLOUDFLARE_API_TOKEN`, which keeps it out of the state."""


class Provider(pulumi.ProviderResource):
    """The plugin `gatewright` with an address and a token for Cloudflare's API."""

    def __init__(self, name: str, args: ProviderArgs, opts: Options = None) -> None:
        super().__init__("gatewright", name, properties(as_args(ProviderArgs, args)), opts)


class _Resource(pulumi.CustomResource):
    """Registers the fields of `args` as inputs. `outputs` are the attributes that programs read."""

    def __init__(
        self, type_: str, name: str, args: "DataclassInstance", opts: Options, outputs: tuple[str, ...] = ()
    ) -> None:
        super().__init__(type_, name, dict.fromkeys(map(camel, outputs)) | properties(args), opts)
        for output in outputs:
            setattr(self, output, getattr(self, camel(output)))  # the SDK names attributes as the engine does


@dataclass(kw_only=True, repr=False, eq=False)
class AccountArgs:
    """Arguments of `Account`."""

    account_id: pulumi.Input[str]
    """The account's id."""


class Account(_Resource):
    """The account that a stack belongs to. Another account is rejected before anything is planned."""

    account_id: pulumi.Output[str]
    """The account's id. Resources that take the id from here wait for the check."""

    def __init__(self, name: str, args: AccountArgs, opts: Options = None) -> None:
        super().__init__(ACCOUNT, name, as_args(AccountArgs, args), opts, ("account_id",))


@dataclass(kw_only=True, repr=False, eq=False)
class ConfigFileArgs:
    """Arguments of `ConfigFile`."""

    environment: str
    """The folder below out/."""
    path: str
    """The path in that folder, with `/`."""
    content: str
    """The file's text. References to variables, never a secret."""
    mode: str | None = None
    """The permissions: `0644` (default), or `0600` for the owner only."""


class ConfigFile(_Resource):
    """One file below out/<environment>/ in the project's folder."""

    sha256: pulumi.Output[str]
    """SHA-256 of the content, in hexadecimal."""

    def __init__(self, name: str, args: ConfigFileArgs, opts: Options = None) -> None:
        super().__init__(CONFIG_FILE, name, as_args(ConfigFileArgs, args), opts, ("sha256",))


@dataclass(kw_only=True, repr=False, eq=False)
class DynamicRouteArgs:
    """Arguments of `DynamicRoute`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    name: pulumi.Input[str]
    """The route's name. Clients use it as the model `dynamic/<name>`."""
    elements: pulumi.Input[Mapping[str, Any]]
    """The graph: each element by its id, with `type`, `outputs` and `properties` as in Cloudflare's API."""


class DynamicRoute(_Resource):
    """A dynamic route of a gateway. An edit is a new version and its deployment, without a gap."""

    def __init__(self, name: str, args: DynamicRouteArgs, opts: Options = None) -> None:
        super().__init__(DYNAMIC_ROUTE, name, as_args(DynamicRouteArgs, args), opts)


@dataclass(kw_only=True, repr=False, eq=False)
class CustomProviderArgs:
    """Arguments of `CustomProvider`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    name: pulumi.Input[str]
    """The name in the dashboard."""
    slug: pulumi.Input[str]
    """The provider is used as `custom-<slug>`."""
    base_url: pulumi.Input[str]
    """The provider's https URL."""
    enable: pulumi.Input[bool] | None = None
    """Whether it can be used. Default: true."""


class CustomProvider(_Resource):
    """A provider that Cloudflare does not know, used as `custom-<slug>`."""

    def __init__(self, name: str, args: CustomProviderArgs, opts: Options = None) -> None:
        super().__init__(CUSTOM_PROVIDER, name, as_args(CustomProviderArgs, args), opts)


@dataclass(kw_only=True, repr=False, eq=False)
class CustomDomainArgs:
    """Arguments of `CustomDomain`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    hostname: pulumi.Input[str]
    """The host name, in lower case."""
    zone_id: pulumi.Input[str] | None = None
    """The id of the zone that holds it. Cloudflare uses it at creation only: another one is not a change."""


class CustomDomain(_Resource):
    """A custom domain of a gateway. It works once a proxied CNAME points to `cname_target`."""

    status: pulumi.Output[str]
    """`pending_dcv` until Cloudflare has seen the CNAME, then `active`."""
    cname_target: pulumi.Output[str]
    """The host name that the CNAME must point to."""

    def __init__(self, name: str, args: CustomDomainArgs, opts: Options = None) -> None:
        super().__init__(CUSTOM_DOMAIN, name, as_args(CustomDomainArgs, args), opts, ("status", "cname_target"))


@dataclass(kw_only=True, repr=False, eq=False)
class GatewayPoliciesArgs:
    """Arguments of `GatewayPolicies`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    policies: pulumi.Input[Mapping[str, Any]]
    """By name: `actor`, `resource`, `condition` and `action` as in Cloudflare's API."""
    requests: pulumi.Input[Sequence[Mapping[str, Any]]] | None = None
    """Requests that must stay allowed: `name`, and `identity`, `model` and `provider` as Cloudflare simulates them.
    Nothing is committed if one is refused."""


class GatewayPolicies(_Resource):
    """All policies of a gateway. With the first one, Cloudflare refuses every request that none of them allows."""

    def __init__(self, name: str, args: GatewayPoliciesArgs, opts: Options = None) -> None:
        super().__init__(GATEWAY_POLICIES, name, as_args(GatewayPoliciesArgs, args), opts)


@dataclass(kw_only=True, repr=False, eq=False)
class SecretsStoreArgs:
    """Arguments of `SecretsStore`."""

    account_id: pulumi.Input[str]
    """The account's id."""


class SecretsStore(_Resource):
    """The Secrets Store of an account: adopted, or created where there is none. Deletion keeps it."""

    store_id: pulumi.Output[str]
    """The store's id."""

    def __init__(self, name: str, args: SecretsStoreArgs, opts: Options = None) -> None:
        super().__init__(SECRETS_STORE, name, as_args(SecretsStoreArgs, args), opts, ("store_id",))


@dataclass(kw_only=True, repr=False, eq=False)
class ProviderConfigArgs:
    """Arguments of `ProviderConfig`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    store_id: pulumi.Input[str]
    """The id of the account's Secrets Store."""
    provider_slug: pulumi.Input[str]
    """Cloudflare's slug of the provider; `custom-<slug>` for a custom provider."""
    alias: pulumi.Input[str]
    """The name of the key among the keys of a provider. Requests that name no alias use `default`."""
    secret_id: pulumi.Input[str] | None = None
    """The secret's id. Default: the secret is found by its name."""
    rate_limit: pulumi.Input[int] | None = None
    """Maximum number of requests with this key in a period."""
    rate_limit_period: pulumi.Input[int] | None = None
    """The period in seconds. Default: 60."""


class ProviderConfig(_Resource):
    """The link from a stored key to a provider of a gateway (BYOK). Its deletion deletes the secret too."""

    def __init__(self, name: str, args: ProviderConfigArgs, opts: Options = None) -> None:
        super().__init__(PROVIDER_CONFIG, name, as_args(ProviderConfigArgs, args), opts)
