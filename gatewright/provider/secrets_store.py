"""`gatewright:index:SecretsStore`: the Secrets Store of an account, which Cloudflare's resource cannot adopt.

And the function `gatewright:index:getSecrets`: the names of the secrets in it, and those that no stack may know.
"""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.provider_configs import unlinked_secrets
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.errors import GatewrightError, UsageError
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import check_inputs, parse_import_id, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.secrets_store import Secret
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str}


class SecretsStore(Resource):
    """Input: `accountId`. Outputs: it and `storeId`, which is also the id. Creation adopts the account's store or
    creates one; deletion keeps it, because it belongs to the account. Import id: <account>/<store>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs = without_nulls(news)
        return inputs, check_inputs(inputs, REQUIRED)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return Diff(compare(old_inputs, news, replace=["accountId"]).changes, stables=["storeId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**inputs, "storeId": UNKNOWN}
        store = self._stores(inputs).find_or_create()
        return store, {**inputs, "storeId": store}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        if outputs:
            account, store = outputs["accountId"], resource_id
        else:
            account, store = parse_import_id(resource_id, "account", "store")
        properties: Object = {"accountId": account}
        exists = self._stores(properties).has(store)
        return ReadResult(store, properties, {**properties, "storeId": store}) if exists else None

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return {**news, "storeId": outputs["storeId"]}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """Keep the store: it may hold other secrets."""

    def _stores(self, properties: Object) -> SecretsStores:
        return SecretsStores(self._connect(), str(properties["accountId"]))


def stored_secrets(client: Client, account: str) -> dict[str, Secret]:
    """The secrets in the account's store by name; none without a store. Raises what `Client` raises."""
    store = SecretsStores(client, account).find()
    return {secret.name: secret for secret in Secrets(client, account, store).list_all()} if store else {}


def get_secrets(connect: Callable[[], Client], arguments: Object) -> Object:
    """{accountId, gatewayId?} -> {names, unlinked?}; `unlinked` as `unlinked_secrets` of the gateway.

    {refused} where they cannot be listed, as `get_tokens`.
    """
    account, gateway = arguments.get("accountId"), arguments.get("gatewayId")
    if not isinstance(account, str) or not account:
        raise UsageError("getSecrets requires accountId, the id of an account as plain text")
    try:
        client = connect()
        names: Object = {"names": [*sorted(stored_secrets(client, account))]}
        if not isinstance(gateway, str):
            return names
        return {**names, "unlinked": {**unlinked_secrets(client, account, gateway)}}
    except GatewrightError as error:
        return {"refused": " → ".join(filter(None, (error.message, error.hint)))}
