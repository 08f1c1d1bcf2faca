"""`gatewright:index:ProviderConfig`: the link from a stored key to a gateway (BYOK); upstream has no resource for it.

Whether the secret's name is free, or there where it has to be, is known only by asking: it is asked in the check of a
config that is to be made, so that a preview says it, and nothing has been changed then. The engine checks one that is
made anew as if it were the first, while the secret of the old one is still there.
"""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatewright.cloudflare.provider_configs import GATEWAY_SCOPE, MANAGED, ProviderConfigs, secret_name
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.plugin.resource import Diff, Failure, Found, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import failures, imported
from gatewright.provider.secrets_store import stored
from gatewright.provider.taken import in_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.provider_configs import ProviderConfig as Config
    from gatewright.cloudflare.secrets_store import Secret
    from gatewright.plugin.values import Object

INPUTS: dict[str, type] = {"accountId": str, "gatewayId": str, "storeId": str, "providerSlug": str, "alias": str}
OPTIONAL: dict[str, type] = {"secretId": str, "rateLimit": int, "rateLimitPeriod": int}
_LIMIT_OF_A_STORED_KEY = (
    "the limit of a stored key cannot be changed: Cloudflare would delete the secret, whose value is not known here. "
    "Write the key by {env: NAME}, or put `limits` back"
)
_IDENTITY = ("accountId", "gatewayId", "providerSlug", "alias")


class ProviderConfig(Resource):
    """Inputs: `accountId`, `gatewayId`, `storeId`, `providerSlug`, `alias`; `secretId`, without which the secret is
    found by its name; `rateLimit` requests in `rateLimitPeriod` seconds (60). Outputs: these, and `defaultConfig`,
    whether calls get this key that name no alias. A deletion deletes the secret too. Imported by
    <account>/<gateway>/<id>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._stored: dict[str, Mapping[str, Secret] | None] = {}

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {name: value for name, value in news.items() if value is not None}
        if "rateLimit" in inputs:
            inputs.setdefault("rateLimitPeriod", 60)
        found = failures(inputs, INPUTS, OPTIONAL)
        if not found and (not olds or _becomes_own(olds, inputs)) and (reason := self._unusable_name(inputs, olds)):
            found = [Failure("", reason)]
        if not found and olds and "secretId" not in inputs and _limit(olds) != _limit(inputs):
            found = [Failure("rateLimit", _LIMIT_OF_A_STORED_KEY)]
        return inputs, found

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        # found by its name, the secret is the one that it was
        named = {"secretId": outputs["secretId"]} if "secretId" in news else {}
        held = {name: value for name, value in old_inputs.items() if name != "secretId"} | named
        changes = compare(held, news, replace=(*INPUTS, *OPTIONAL)).changes
        # an alias is taken until its config is gone
        return Diff(changes, delete_before_replace=not any(name in changes for name in _IDENTITY))

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {"secretId": UNKNOWN, **inputs, "defaultConfig": True}
        secret = self._secret(inputs)
        self._secrets(inputs).wait_until_active(secret)
        limit = (int(str(inputs["rateLimit"])), int(str(inputs["rateLimitPeriod"]))) if "rateLimit" in inputs else None
        with in_stack(urn):
            made = self._configs(inputs).create(str(inputs["providerSlug"]), str(inputs["alias"]), secret, limit)
        return made.id, {**inputs, "secretId": secret, "defaultConfig": made.default}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        if outputs:
            place: Object = {name: outputs[name] for name in ("accountId", "gatewayId", "storeId")}
            config = resource_id
        else:
            account, gateway, config = imported(resource_id, "account", "gateway", "config")
            store = SecretsStores(self._connect(), account).find()
            place = {"accountId": account, "gatewayId": gateway, "storeId": store or ""}
        there = self._configs(place).get(config)
        if there is None:
            return None
        found = {**place, **_told(there)}
        known = {name: value for name, value in found.items() if name != "secretId" or not inputs or name in inputs}
        return Found(there.id, known, {**found, "defaultConfig": there.default})

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return {**news, "secretId": outputs["secretId"], "defaultConfig": outputs["defaultConfig"]}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._configs(outputs).delete(resource_id)
        self._secrets(outputs).delete(str(outputs["secretId"]))

    def _unusable_name(self, inputs: Object, olds: Object) -> str | None:
        """Why a config that is to be made could not be: its secret is to be made under a name that is taken, or has to
        be there and is not. None where that is not known yet, or may not be asked."""
        to_be_made, to_be_there = inputs.get("secretId") is UNKNOWN, "secretId" not in inputs
        parts = [inputs[name] for name in ("accountId", "gatewayId", "providerSlug", "alias")]
        if not (to_be_made or to_be_there) or UNKNOWN in parts:
            return None
        account, gateway, slug, alias = map(str, parts)
        key, name = f"providers.{slug.removeprefix(CUSTOM_PREFIX)}.key", secret_name(gateway, slug, alias)
        secrets = self._secrets_of(account)
        if secrets is None or (name in secrets) is to_be_there:
            return None
        if to_be_there:
            return _missing(account, name, key)
        return None if not olds and self._is_own(inputs, secrets[name]) else _taken(account, name, key)

    def _secrets_of(self, account: str) -> Mapping[str, Secret] | None:
        """What is in the account's store, asked for once; None where the token may not read it."""
        with self._lock:
            if account not in self._stored:
                try:
                    self._stored[account] = stored(self._connect(), account)
                except (RefusedError, CloudflareError):  # a preview may be made with less, and the creation will say it
                    self._stored[account] = None
            return self._stored[account]

    def _is_own(self, inputs: Object, secret: Secret) -> bool:
        """Whether a stack made it, and the gateway has it under this very alias: then it goes with the config that is
        made anew."""
        if MANAGED not in secret.comment:
            return False
        try:
            there = self._configs(inputs).find(str(inputs["providerSlug"]), str(inputs["alias"]))
        except (RefusedError, CloudflareError):
            return False
        return there is not None and there.secret == secret.id

    def _secret(self, inputs: Object) -> str:
        if "secretId" in inputs:
            return str(inputs["secretId"])
        name = secret_name(*(str(inputs[part]) for part in ("gatewayId", "providerSlug", "alias")))
        there = self._secrets(inputs).find(name)
        if there is None:
            slug = str(inputs["providerSlug"]).removeprefix(CUSTOM_PREFIX)
            raise CloudflareError(_missing(str(inputs["accountId"]), name, f"providers.{slug}.key"))
        return there.id

    def _secrets(self, place: Object) -> Secrets:
        return Secrets(self._connect(), str(place["accountId"]), str(place["storeId"]))

    def _configs(self, place: Object) -> ProviderConfigs:
        return ProviderConfigs(self._connect(), str(place["accountId"]), str(place["gatewayId"]))


def _becomes_own(olds: Object, inputs: Object) -> bool:
    """Whether the stack is to make a secret that had to be there until now."""
    return "secretId" in inputs and "secretId" not in olds


def _limit(inputs: Object) -> tuple[object, object]:
    return inputs.get("rateLimit"), inputs.get("rateLimitPeriod")


def _told(config: Config) -> Object:
    limit: Object = {"rateLimit": config.limit[0], "rateLimitPeriod": config.limit[1]} if config.limit else {}
    return {"providerSlug": config.slug, "alias": config.alias, "secretId": config.secret, **limit}


def _taken(account: str, name: str, key: str) -> str:
    return (
        f"the Secrets Store of account {account} has a secret {name} already, which this stack did not make: to use "
        f"the value that is there, write {key}: {{stored: true}}; or delete it there"
    )


def _missing(account: str, name: str, key: str) -> str:
    return (
        f"the Secrets Store of account {account} has no secret {name}, which {key}: {{stored: true}} needs: store it "
        f"there under that name, open to {GATEWAY_SCOPE}; or write {key}: {{env: NAME}}"
    )
