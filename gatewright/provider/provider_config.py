"""`gatewright:index:ProviderConfig`: the link from a stored key to a gateway (BYOK), which Cloudflare's provider lacks.

Whether the secret's name is free, or the secret exists where it has to, only Cloudflare knows. The check of a config
that is to be created asks, so that a preview reports it before anything changes. The engine checks a replacement as if
it were the first config, while the old one's secret still exists.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatewright.cloudflare.provider_configs import GATEWAY_SCOPE, MANAGED, ProviderConfigs, secret_name
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.command_line import command
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.import_hints import hints_for_stack
from gatewright.provider.inputs import check_inputs, parse_import_id, without_nulls
from gatewright.provider.secrets_store import stored_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.provider_configs import ProviderConfig as Config
    from gatewright.cloudflare.secrets_store import Secret
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str, "gatewayId": str, "storeId": str, "providerSlug": str, "alias": str}
OPTIONAL: dict[str, type] = {"secretId": str, "rateLimit": int, "rateLimitPeriod": int}
_LIMIT_OF_A_STORED_KEY = (
    "the limit of a stored key cannot be changed: Cloudflare would delete the secret, whose value is not known here. "
    "Write the key as {env: NAME}, or restore `limits`"
)
_IDENTITY = ("accountId", "gatewayId", "providerSlug", "alias")


class ProviderConfig(Resource):
    """Inputs: `accountId`, `gatewayId`, `storeId`, `providerSlug`, `alias`; `secretId`, without which the secret is
    found by its name; `rateLimit` requests in `rateLimitPeriod` seconds (60). Outputs: these, and `defaultConfig`:
    whether requests without an alias use this key. Deletion deletes the secret too. Import id:
    <account>/<gateway>/<id>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._stored: dict[str, Mapping[str, Secret] | None] = {}

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs = without_nulls(news)
        if "rateLimit" in inputs:
            inputs.setdefault("rateLimitPeriod", 60)
        failures = check_inputs(inputs, REQUIRED, OPTIONAL)
        takes_over_secret = "secretId" in inputs and "secretId" not in olds
        if not failures and (not olds or takes_over_secret) and (reason := self._unusable_name(urn, inputs, olds)):
            failures = [CheckFailure("", reason)]
        if not failures and olds and "secretId" not in inputs and _limit(olds) != _limit(inputs):
            failures = [CheckFailure("rateLimit", _LIMIT_OF_A_STORED_KEY)]
        return inputs, failures

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        # a secret that is found by its name is the same one
        secret = {"secretId": outputs["secretId"]} if "secretId" in news else {}
        olds = {name: value for name, value in old_inputs.items() if name != "secretId"} | secret
        changes = compare(olds, news, replace=(*REQUIRED, *OPTIONAL)).changes
        # an alias is taken until its config is deleted
        return Diff(changes, delete_before_replace=not any(name in changes for name in _IDENTITY))

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {"secretId": UNKNOWN, **inputs, "defaultConfig": True}
        secret = self._secret(inputs)
        self._secrets(inputs).wait_until_active(secret)
        limit = (int(str(inputs["rateLimit"])), int(str(inputs["rateLimitPeriod"]))) if "rateLimit" in inputs else None
        with hints_for_stack(urn):
            config = self._configs(inputs).create(str(inputs["providerSlug"]), str(inputs["alias"]), secret, limit)
        return config.id, {**inputs, "secretId": secret, "defaultConfig": config.default}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        if outputs:
            place: Object = {name: outputs[name] for name in ("accountId", "gatewayId", "storeId")}
            config_id = resource_id
        else:
            account, gateway, config_id = parse_import_id(resource_id, "account", "gateway", "config")
            store = SecretsStores(self._connect(), account).find()
            place = {"accountId": account, "gatewayId": gateway, "storeId": store or ""}
        config = self._configs(place).get(config_id)
        if config is None:
            return None
        properties = {**place, **_properties(config)}
        by_name = inputs and "secretId" not in inputs
        known = {name: value for name, value in properties.items() if name != "secretId" or not by_name}
        return ReadResult(config.id, known, {**properties, "defaultConfig": config.default})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return {**news, "secretId": outputs["secretId"], "defaultConfig": outputs["defaultConfig"]}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._configs(outputs).delete(resource_id)
        self._secrets(outputs).delete(str(outputs["secretId"]))

    def _unusable_name(self, urn: str, inputs: Object, olds: Object) -> str | None:
        """Why the config cannot be created: its secret is to be created under a name that is taken, or must exist and
        does not. None where that is not known yet or the token may not look."""
        creates_secret, uses_secret = inputs.get("secretId") is UNKNOWN, "secretId" not in inputs
        identity = [inputs[name] for name in _IDENTITY]
        if not (creates_secret or uses_secret) or UNKNOWN in identity:
            return None
        account, gateway, slug, alias = map(str, identity)
        key, name = f"providers.{slug.removeprefix(CUSTOM_PREFIX)}.key", secret_name(gateway, slug, alias)
        secrets = self._secrets_of(account)
        if secrets is None or (name in secrets) is uses_secret:
            return None
        if uses_secret:
            return _missing(account, name, key)
        if not olds and self._is_own(inputs, secrets[name]):
            return None
        adopt = command(f"adopt {urn.split(':')[2]}") if MANAGED in secrets[name].comment else None
        return _taken(account, name, key, adopt)

    def _secrets_of(self, account: str) -> Mapping[str, Secret] | None:
        """The secrets in the account's store, listed once; None where the token may not read them."""
        with self._lock:
            if account not in self._stored:
                try:
                    self._stored[account] = stored_secrets(self._connect(), account)
                except (RefusedError, CloudflareError):  # a preview needs fewer permissions; create reports the error
                    self._stored[account] = None
            return self._stored[account]

    def _is_own(self, inputs: Object, secret: Secret) -> bool:
        """Whether a stack created the secret, and the gateway uses it under this alias or not at all.

        The first is deleted with the config that is replaced. The next up imports the other: a run left it.
        """
        if MANAGED not in secret.comment:
            return False
        try:
            config = self._configs(inputs).find(str(inputs["providerSlug"]), str(inputs["alias"]))
        except (RefusedError, CloudflareError):
            return False
        return config is None or config.secret == secret.id

    def _secret(self, inputs: Object) -> str:
        """The secret's id. Raises CloudflareError where it is found by its name and does not exist."""
        if "secretId" in inputs:
            return str(inputs["secretId"])
        name = secret_name(*(str(inputs[part]) for part in ("gatewayId", "providerSlug", "alias")))
        secret = self._secrets(inputs).find(name)
        if secret is None:
            slug = str(inputs["providerSlug"]).removeprefix(CUSTOM_PREFIX)
            raise CloudflareError(_missing(str(inputs["accountId"]), name, f"providers.{slug}.key"))
        return secret.id

    def _secrets(self, properties: Object) -> Secrets:
        return Secrets(self._connect(), str(properties["accountId"]), str(properties["storeId"]))

    def _configs(self, properties: Object) -> ProviderConfigs:
        return ProviderConfigs(self._connect(), str(properties["accountId"]), str(properties["gatewayId"]))


def _limit(inputs: Object) -> tuple[object, object]:
    return inputs.get("rateLimit"), inputs.get("rateLimitPeriod")


def _properties(config: Config) -> Object:
    limit: Object = {"rateLimit": config.limit[0], "rateLimitPeriod": config.limit[1]} if config.limit else {}
    return {"providerSlug": config.slug, "alias": config.alias, "secretId": config.secret, **limit}


def _taken(account: str, name: str, key: str, adopt: str | None) -> str:
    return (
        f"the Secrets Store of account {account} already has a secret {name}, which is not in this stack: to use its "
        f"value, {f'import it: {adopt}' if adopt else f'write {key}: {{stored: true}}'}"
    )


def _missing(account: str, name: str, key: str) -> str:
    return (
        f"the Secrets Store of account {account} has no secret {name}, which {key}: {{stored: true}} requires: store "
        f"it under that name with the scope {GATEWAY_SCOPE}; or write {key}: {{env: NAME}}"
    )
