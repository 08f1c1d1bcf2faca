"""API keys of providers, stored at Cloudflare and linked to a gateway (BYOK)."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS, GATEWAY_SCOPE, MANAGED, secret_name
from gatewright.facts.resource_types import CREDENTIALS_COMPONENT, GET_SECRETS
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright_components.args import as_args
from gatewright_components.cloudflare import SecretsStoreSecret
from gatewright_components.resources import ProviderConfig, ProviderConfigArgs, SecretsStore, SecretsStoreArgs
from gatewright_components.stack_state import recorded_ids

UNSENT = "kept as it is"
"""A value that is not sent: Cloudflare is known to have the key, or this is a preview."""


@dataclass(kw_only=True, repr=False, eq=False)
class ProviderKey:
    """The API key of one provider."""

    slug: str | None = None
    """Cloudflare's slug of the provider; `custom-<slug>` for a custom provider. Default: the name of the key."""
    value: pulumi.Input[str] | None = None
    """The key. None: the value that Cloudflare has is kept; an `up` fails where it has none."""
    stored: bool | None = None
    """Whether the secret is stored by other means, under the name `<gateway>_<slug>_default`. Default: false."""
    import_id: str | None = None
    """The import id of its secret, where Cloudflare has one that the stack does not have yet."""
    rate_limit: int | None = None
    """Maximum number of requests with this key in a period. Default: no limit."""
    rate_limit_period: int | None = None
    """The period in seconds. Default: 60."""


@dataclass(kw_only=True, repr=False, eq=False)
class ProviderKeysArgs:
    """Arguments of `ProviderKeys`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: str
    """The gateway's id, which is its name. It must exist before the keys are linked."""
    keys: Mapping[str, ProviderKey]
    """By name of the provider."""
    store_id: pulumi.Input[str] | None = None
    """The id of the account's Secrets Store. Default: the store is adopted, or created where there is none."""


class MissingKeysError(pulumi.RunError):
    """Keys without a value that Cloudflare does not have; `names` are theirs in `keys`."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no value is given and none is stored at Cloudflare: the key of {', '.join(names)}")
        self.names = names


class ProviderKeys(pulumi.ComponentResource):
    """Keys in the account's Secrets Store, and the links that let a gateway use them."""

    store_id: pulumi.Output[str] | None
    """The id of the account's Secrets Store. None without keys."""

    def __init__(self, name: str, args: ProviderKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(CREDENTIALS_COMPONENT, name, None, opts)
        args = as_args(ProviderKeysArgs, args)
        keys = {provider: as_args(ProviderKey, key) for provider, key in args.keys.items()}
        if isinstance(args.account_id, str):
            keys = require_stored(args.account_id, args.gateway_id, keys, pulumi.InvokeOptions(parent=self))
        self.store_id = self._store_id(args) if keys else None
        place = {"account_id": args.account_id, "store_id": self.store_id}
        kept = self._kept_value(args, keys)
        self.configs: list[ProviderConfig] = []
        for provider, key in keys.items():
            secret = None if key.stored else self._secret(provider, key, args.gateway_id, place, kept)
            self.configs.append(self._config(provider, key, args.gateway_id, place, secret))
        self.register_outputs({})

    def _kept_value(self, args: ProviderKeysArgs, keys: Mapping[str, ProviderKey]) -> pulumi.Input[str]:
        """UNSENT, once Cloudflare is known to have every key without a value: of an account that is an output."""
        if not _unset(keys) or pulumi.runtime.is_dry_run():
            return UNSENT
        request = {"accountId": args.account_id}
        listing = pulumi.runtime.invoke_output(GET_SECRETS, request, pulumi.InvokeOptions(parent=self))

        def checked(stored: Mapping[str, Any] | None) -> str:
            _require_names(stored, args.gateway_id, keys)
            return UNSENT

        return listing.apply(checked)

    def _store_id(self, args: ProviderKeysArgs) -> pulumi.Output[str]:
        if args.store_id is not None:
            return pulumi.Output.from_input(args.store_id)
        account = SecretsStoreArgs(account_id=args.account_id)
        return SecretsStore(args.gateway_id, account, pulumi.ResourceOptions(parent=self)).store_id

    def _secret(
        self, provider: str, key: ProviderKey, gateway_id: str, place: Mapping[str, Any], kept: pulumi.Input[str]
    ) -> SecretsStoreSecret:
        inner = pulumi.ResourceOptions(
            parent=self,
            # Cloudflare deletes the secret with its config, and upstream fails to delete a secret that is gone
            retain_on_delete=True,
            # the limit of a config cannot be changed: the config is replaced, and the secret with it
            replace_on_changes=["comment"],
            delete_before_replace=True,
            ignore_changes=["value"] if key.value in (None, UNSENT) else None,
            import_=key.import_id,
        )
        inputs = {
            "accountId": place["account_id"],
            "storeId": place["store_id"],
            "value": pulumi.Output.secret(kept if key.value is None else key.value),
        }
        return SecretsStoreSecret(provider, inputs | secret_inputs(provider, key, gateway_id), inner)

    def _config(
        self,
        provider: str,
        key: ProviderKey,
        gateway_id: str,
        place: Mapping[str, Any],
        secret: SecretsStoreSecret | None,
    ) -> ProviderConfig:
        config = ProviderConfigArgs(
            **place,
            gateway_id=gateway_id,
            provider_slug=key.slug or provider,
            alias=DEFAULT_ALIAS,
            secret_id=secret.id if secret else None,
            rate_limit=key.rate_limit,
            rate_limit_period=key.rate_limit_period,
        )
        return ProviderConfig(provider, config, pulumi.ResourceOptions(parent=self))


def secret_inputs(provider: str, key: ProviderKey, gateway_id: str) -> dict[str, Any]:
    """Inputs of a SecretsStoreSecret without account, store and value. The comment names the limit, so that another
    limit replaces the secret."""
    limit = f", for {key.rate_limit} requests in {key.rate_limit_period or 60} s" if key.rate_limit else ""
    name = _secret_name(gateway_id, provider, key)
    return {"name": name, "scopes": [GATEWAY_SCOPE], "comment": f"The key of {provider}, {MANAGED}{limit}"}


def require_stored(
    account_id: str, gateway_id: str, keys: Mapping[str, ProviderKey], opts: pulumi.InvokeOptions
) -> dict[str, ProviderKey]:
    """`keys`, with UNSENT for every value that is not given, and the import ids of secrets that a run left behind.

    Cloudflare is asked in an `up` for the names that it has, and in every run for a secret that the stack lacks.

    Raises:
        MissingKeysError: Cloudflare lacks some; or has some that must be imported, which the engine cannot do without a
            value.
    """
    unset, managed = _unset(keys), [provider for provider, key in keys.items() if not key.stored]
    recorded = recorded_ids(SECRETS_STORE_SECRET.token) if managed else {}
    needs_names = bool(unset) and not pulumi.runtime.is_dry_run()
    stored: Mapping[str, Any] = {}
    if needs_names or not recorded.keys() >= set(managed):
        request = {"accountId": account_id, "gatewayId": gateway_id}
        stored = pulumi.runtime.invoke(GET_SECRETS, request, opts).value or {}
    imports = {
        provider: import_id
        for provider, key in keys.items()
        if provider not in recorded
        and (import_id := stored.get("unlinked", {}).get(_secret_name(gateway_id, provider, key)))
    }
    if needs_names:
        _require_names(stored, gateway_id, keys, imports)
    return {
        provider: replace(key, value=UNSENT) if provider in unset else replace(key, import_id=imports.get(provider))
        for provider, key in keys.items()
    }


def _unset(keys: Mapping[str, ProviderKey]) -> list[str]:
    return [provider for provider, key in keys.items() if key.value is None and not key.stored]


def _require_names(
    listing: Mapping[str, Any] | None, gateway_id: str, keys: Mapping[str, ProviderKey], imports: Container[str] = ()
) -> None:
    listing = listing or {}
    if "refused" in listing:
        raise pulumi.RunError(f"cannot list the secrets to find the keys that are kept: {listing['refused']}")
    stored = listing.get("names", ())
    missing = [
        provider
        for provider in _unset(keys)
        if provider in imports or _secret_name(gateway_id, provider, keys[provider]) not in stored
    ]
    if missing:
        raise MissingKeysError(missing)


def _secret_name(gateway_id: str, provider: str, key: ProviderKey) -> str:
    return secret_name(gateway_id, key.slug or provider, DEFAULT_ALIAS)
