"""The Secrets Store of an account, one as a rule, and the secrets in it: their names and states, never their values."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

NAME: Final = "default_secrets_store"
"""What the dashboard calls the store that it makes."""

PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 9)
"""Seconds between two looks at what takes its time: about 50 in all, as others needed [live]."""

_MOST = 100  # a page


@dataclass(frozen=True, slots=True)
class Secret:
    """One as the API shows it. `status`: pending for a few seconds, then active."""

    id: str
    name: str
    status: str
    comment: str


class SecretsStores:
    """Those of one account. Raises what `Client` raises."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._path = f"/accounts/{account}/secrets_store/stores"

    def find(self) -> str | None:
        """The id of the account's store, or None. Where an account may have several, the dashboard's own."""
        stores = self._client.get(self._path, {"per_page": _MOST})["result"]
        ids = {each["name"]: each["id"] for each in reversed(stores)}
        return str(ids.get(NAME) or stores[0]["id"]) if stores else None

    def has(self, store: str) -> bool:
        """Whether the store is there."""
        try:
            self._client.get(f"{self._path}/{store}")
        except CloudflareError as error:
            if error.status == 404:
                return False
            raise
        return True

    def adopt(self) -> str:
        """The id of the account's store, which is made where there is none."""
        there = self.find()
        if there is not None:
            return there
        try:
            return str(self._client.post(self._path, {"name": NAME})["result"]["id"])
        except CloudflareError as error:
            if not error.is_ambiguous and "maximum_stores_exceeded" not in error.message:
                raise
            there = self.find()
            if there is None:
                raise
            return there


class Secrets:
    """Those of one store. Raises what `Client` raises."""

    def __init__(
        self, client: Client, account: str, store: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._path = f"/accounts/{account}/secrets_store/stores/{store}/secrets"
        self._sleep = sleep

    def listed(self) -> Iterator[Secret]:
        """All of the store's; none where the store is gone."""
        page = 1
        while found := self._page(page):
            yield from map(_secret, found)
            page += 1

    def find(self, name: str) -> Secret | None:
        """The secret of that name, or None."""
        return next((secret for secret in self.listed() if secret.name == name), None)

    def get(self, secret: str) -> Secret | None:
        """The secret, or None where it is not there."""
        try:
            return _secret(self._client.get(f"{self._path}/{secret}")["result"])
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise

    def wait_until_active(self, secret: str) -> None:
        """Comes back once the secret can be linked. Raises CloudflareError for one that is gone, or stays pending."""
        pauses = iter(PAUSES)
        while True:
            there = self.get(secret)
            if there is None:
                raise CloudflareError(
                    f"the secret {secret} is not there any more", "An up with --refresh makes it anew"
                )
            if there.status == "active":
                return
            pause = next(pauses, None)
            if pause is None:
                raise CloudflareError(f"the secret {there.name} is still {there.status}", "Up again, a little later")
            self._sleep(pause)

    def delete(self, secret: str) -> None:
        """Takes it away; one that is gone already is fine."""
        if self.get(secret) is None:
            return
        try:
            self._client.delete(f"{self._path}/{secret}")
        except CloudflareError as error:
            if error.status != 404:
                raise

    def _page(self, page: int) -> list[dict[str, Any]]:
        try:
            found: list[dict[str, Any]] = self._client.get(self._path, {"page": page, "per_page": _MOST})["result"]
        except CloudflareError as error:
            if error.status == 404:
                return []
            raise
        return found


def _secret(answer: Mapping[str, Any]) -> Secret:
    return Secret(answer["id"], answer["name"], answer["status"], answer.get("comment") or "")
