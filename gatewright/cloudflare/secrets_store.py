"""The Secrets Store of an account, usually one, and its secrets: names and states, never values."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from gatewright.cloudflare.collection import Collection, create_once, list_all
from gatewright.command_line import command
from gatewright.errors import CloudflareError
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

NAME: Final = "default_secrets_store"
"""The name that the dashboard gives to the store it creates."""

PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 9)
"""Seconds between two attempts while a secret becomes usable: about 50 in all, as others needed [live]."""

_MAX_STORES = 100


@frozen
class Secret:
    """One secret. `status` is pending for a few seconds, then active. Times are RFC 3339."""

    id: str
    name: str
    status: str
    comment: str
    created: str | None = None
    modified: str | None = None


class SecretsStores(Collection):
    """The stores of one account."""

    def __init__(self, client: Client, account: str) -> None:
        super().__init__(client, f"/accounts/{account}/secrets_store/stores")

    def find(self) -> str | None:
        """The id of the account's store, or None. Of several stores it is the dashboard's."""
        stores = self._client.get(self._path, {"per_page": _MAX_STORES})["result"]
        ids = {store["name"]: store["id"] for store in reversed(stores)}
        return str(ids.get(NAME) or stores[0]["id"]) if stores else None

    def has(self, store: str) -> bool:
        """Whether the store exists."""
        return self._read(store) is not None

    def find_or_create(self) -> str:
        """The id of the account's store, which is created if it does not exist."""
        existing = self.find()
        if existing is not None:
            return existing
        store, _ = create_once(
            lambda: str(self._client.post(self._path, {"name": NAME})["result"]["id"]),
            self.find,
            is_conflict=lambda error: "maximum_stores_exceeded" in error.message,
        )
        return store


class Secrets(Collection):
    """The secrets of one store."""

    def __init__(
        self, client: Client, account: str, store: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, f"/accounts/{account}/secrets_store/stores/{store}/secrets")
        self._sleep = sleep

    def list_all(self) -> Iterator[Secret]:
        """All secrets; none where the store does not exist."""
        yield from map(_secret, list_all(self._client, self._path, missing_ok=True))

    def find(self, name: str) -> Secret | None:
        """The secret of that name, or None."""
        return next((secret for secret in self.list_all() if secret.name == name), None)

    def get(self, secret: str) -> Secret | None:
        """The secret of that id, or None."""
        answer = self._read(secret)
        return _secret(answer) if answer else None

    def wait_until_active(self, secret: str) -> None:
        """Return once the secret can be linked.

        Raises:
            CloudflareError: also for a secret that does not exist or stays pending.
        """
        pauses = iter(PAUSES)
        while True:
            current = self.get(secret)
            if current is None:
                raise CloudflareError(
                    f"the secret {secret} does not exist any more", f"Create it again: {command('up --refresh')}"
                )
            if current.status == "active":
                return
            pause = next(pauses, None)
            if pause is None:
                raise CloudflareError(f"the secret {current.name} is still {current.status}", "Run up again later")
            self._sleep(pause)

    def delete(self, secret: str) -> None:
        """Delete the secret; one that does not exist is fine, and no request is sent for it."""
        if self.get(secret) is not None:
            super().delete(secret)


def _secret(answer: Mapping[str, Any]) -> Secret:
    comment = answer.get("comment") or ""
    times = answer.get("created"), answer.get("modified")
    return Secret(answer["id"], answer["name"], answer["status"], comment, *times)
