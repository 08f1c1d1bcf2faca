"""The provider keys of an environment, stored at Cloudflare and linked to its gateway."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import ALIAS, KEPT, SCOPE
from gatewright.environment.references import FromVariable, Stored
from gatewright.facts.local_cloudflare import fake_key
from gatewright.facts.resource_types import CREDENTIALS_COMPONENT, GET_SECRETS
from gatewright_components.own import ProviderConfig, SecretsStore
from gatewright_components.secrets import UNSENT
from gatewright_components.upstream import SecretsStoreSecret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.cloudflare.mapping.stored_keys import ProviderKey
    from gatewright.environment.resolved import Environment
    from gatewright_components.gateway import Gateway
    from gatewright_components.own import Account

    Values = Mapping[str, pulumi.Output[str] | None]


class Credentials(pulumi.ComponentResource):
    """The account's store and in it a secret for each key; `link` gives them to the gateway.

    `values` are those of `key_values`. `store_id` is None where no key is stored.
    """

    def __init__(
        self, environment: Environment, account: Account, values: Values, options: pulumi.ResourceOptions
    ) -> None:
        super().__init__(CREDENTIALS_COMPONENT, environment.name, None, options)
        self._environment, self._account = environment, account
        self._keys = provider_keys(environment)
        self._secrets: dict[str, SecretsStoreSecret] = {}
        self.configs: list[ProviderConfig] = []
        self.store_id: pulumi.Output[str] | None = None
        if self._keys:
            store = SecretsStore(environment.gateway_name, account.accountId, pulumi.ResourceOptions(parent=self))
            self.store_id = store.storeId
        for key in self._keys:
            if key.provider in values:
                self._store(key, values[key.provider])

    def link(self, gateway: Gateway) -> None:
        """A provider config for each key."""
        inner = pulumi.ResourceOptions(parent=self, depends_on=[gateway.gateway])
        for key in self._keys:
            inputs = config_inputs(self._environment.gateway_name, key)
            secret = self._secrets.get(key.provider)
            place = {"accountId": self._account.accountId, "storeId": self.store_id}
            found = {"secretId": secret.id} if secret else {}
            self.configs.append(ProviderConfig(key.provider, {**place, **inputs, **found}, inner))
        self.register_outputs({})

    def _store(self, key: ProviderKey, value: pulumi.Output[str] | None) -> None:
        inputs = {"accountId": self._account.accountId, "storeId": self.store_id, **secret_inputs(key)}
        inner = pulumi.ResourceOptions(
            parent=self,
            # Cloudflare deletes the secret with its config, and upstream fails to delete what is gone already
            retain_on_delete=True,
            # a config's limit cannot be changed: the config is made anew, and so is the secret that goes with it
            replace_on_changes=["comment"],
            delete_before_replace=True,
            ignore_changes=["value"] if value is None else None,
        )
        given = pulumi.Output.secret(UNSENT) if value is None else value
        self._secrets[key.provider] = SecretsStoreSecret(key.provider, {**inputs, "value": given}, inner)


def secret_inputs(key: ProviderKey) -> dict[str, Any]:
    """SecretsStoreSecret's inputs, but for its place and its value; the comment says what it is linked with."""
    limit = f", for {key.limit[0]} requests in {key.limit[1]} s" if key.limit else ""
    return {"name": key.secret, "scopes": [SCOPE], "comment": f"The key of {key.provider}, {KEPT}{limit}"}


def config_inputs(gateway: str, key: ProviderKey) -> dict[str, Any]:
    """ProviderConfig's inputs, but for its account, its store and its secret."""
    limit = {"rateLimit": key.limit[0], "rateLimitPeriod": key.limit[1]} if key.limit else {}
    return {"gatewayId": gateway, "providerSlug": key.slug, "alias": ALIAS, **limit}


def key_values(environment: Environment, options: pulumi.InvokeOptions) -> Values:
    """By provider: the value of each key that is stored by this stack; None for one that is not set.

    In a preview any may be unset. In an up such a key is kept, if Cloudflare has it; that is asked only then. Raises
    pulumi.RunError that names all keys that are empty, or neither set nor there.
    """
    keys = [key for key in provider_keys(environment) if not isinstance(key.reference, Stored) or environment.local]
    given = {key.provider: _given(environment, key) for key in keys}
    empty = [key for key in keys if given[key.provider] == ""]
    if empty:
        raise pulumi.RunError(f"empty, and a key never is: {_listed(empty)} → {_remedy(empty)}")
    unset = [key for key in keys if given[key.provider] is None]
    if unset and not pulumi.runtime.is_dry_run():
        _require_stored(environment, unset, options)
    return {name: None if value is None else pulumi.Output.secret(value) for name, value in given.items()}


def _given(environment: Environment, key: ProviderKey) -> str | None:
    if environment.local:
        return fake_key(key.provider)
    if isinstance(key.reference, FromVariable):
        value = os.environ.get(key.reference.name)
    else:
        value = pulumi.runtime.get_config(f"{pulumi.get_project()}:{_name(key)}")
    return value if value is None else value.strip() and value


def _require_stored(environment: Environment, unset: Sequence[ProviderKey], options: pulumi.InvokeOptions) -> None:
    asked = {"accountId": environment.account}
    there = (pulumi.runtime.invoke(GET_SECRETS, asked, options).value or {}).get("names", ())
    missing = [key for key in unset if key.secret not in there]
    if missing:
        raise pulumi.RunError(
            f"neither set nor stored at Cloudflare: {_listed(missing)} → {_remedy(missing)}; or leave the provider out "
            f"of `use` in stacks/{environment.name}.yaml"
        )
    for key in unset:
        pulumi.log.info(f"{_shown(key)} is not set: the key of {key.provider} stays as it is at Cloudflare")


def _listed(keys: Sequence[ProviderKey]) -> str:
    return ", ".join(f"{_shown(key)} (the key of {key.provider})" for key in keys)


def _remedy(keys: Sequence[ProviderKey]) -> str:
    lines = (
        f"export {_name(key)}=…"
        if isinstance(key.reference, FromVariable)
        else f"pulumi config set --secret {_name(key)}"
        for key in keys
    )
    return "; ".join(lines)


def _shown(key: ProviderKey) -> str:
    return _name(key) if isinstance(key.reference, FromVariable) else f"the secret {_name(key)} of the configuration"


def _name(key: ProviderKey) -> str:
    return "" if isinstance(key.reference, Stored) else key.reference.name
