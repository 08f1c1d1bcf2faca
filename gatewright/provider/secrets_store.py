"""`gatewright:index:SecretsStore`: the one Secrets Store of an account, which upstream's resource cannot adopt.

And the function `gatewright:index:getSecrets`: the names in it.
"""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.errors import UsageError
from gatewright.plugin.resource import Diff, Failure, Found, Resource, compare
from gatewright.plugin.values import UNKNOWN
from gatewright.provider.inputs import failures, imported

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.secrets_store import Secret
    from gatewright.plugin.values import Object

INPUTS: dict[str, type] = {"accountId": str}


class SecretsStore(Resource):
    """Input: `accountId`. Outputs: it and `storeId`, which is the id as well. A creation adopts the account's store, or
    makes it; a deletion leaves it, since it is the account's. Imported by <account>/<store>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {name: value for name, value in news.items() if value is not None}
        return inputs, failures(inputs, INPUTS)

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return Diff(compare(old_inputs, news, replace=["accountId"]).changes, stables=["storeId"])

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", {**inputs, "storeId": UNKNOWN}
        store = self._stores(inputs).find_or_create()
        return store, {**inputs, "storeId": store}

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        account, store = (outputs["accountId"], resource_id) if outputs else imported(resource_id, "account", "store")
        known: Object = {"accountId": account}
        return Found(str(store), known, {**known, "storeId": store}) if self._stores(known).has(str(store)) else None

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        return {**news, "storeId": outputs["storeId"]}

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        """It stays: what else is in it is not this stack's."""

    def _stores(self, place: Object) -> SecretsStores:
        return SecretsStores(self._connect(), str(place["accountId"]))


def stored(client: Client, account: str) -> dict[str, Secret]:
    """What is in the account's store, by name; nothing where there is no store. Raises what `Client` raises."""
    store = SecretsStores(client, account).find()
    return {each.name: each for each in Secrets(client, account, store).list_all()} if store else {}


def get_secrets(connect: Callable[[], Client], arguments: Object) -> Object:
    """{accountId} -> {names}."""
    account = arguments.get("accountId")
    if not isinstance(account, str) or not account:
        raise UsageError("getSecrets needs accountId, the id of an account in clear")
    return {"names": [*sorted(stored(connect(), account))]}
