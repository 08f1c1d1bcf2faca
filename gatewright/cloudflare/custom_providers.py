"""Custom providers of an account at Cloudflare: called custom-<slug>, in /compat and below the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.import_hint import take_over
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import CUSTOM_PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.client import Client

_MOST = 100  # a page


@dataclass(frozen=True, slots=True)
class CustomProvider:
    """One as the API shows it, by its own names."""

    id: str
    name: str
    slug: str
    base_url: str
    enable: bool
    modified: str | None = None


class CustomProviders:
    """Those of one account. Raises what `Client` raises."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account
        self._path = f"/accounts/{account}/ai-gateway/custom-providers"

    def get(self, provider: str) -> CustomProvider | None:
        """The provider, or None where it is not there."""
        try:
            return _provider(self._client.get(f"{self._path}/{provider}")["result"])
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise

    def find(self, slug: str) -> CustomProvider | None:
        """The provider of that slug, or None."""
        return next((provider for provider in self.listed() if provider.slug == slug), None)

    def listed(self) -> Iterator[CustomProvider]:
        """All of the account's."""
        page = 1
        while found := self._client.get(self._path, {"page": page, "per_page": _MOST})["result"]:
            yield from map(_provider, found)
            page += 1

    def create(self, body: Mapping[str, Any]) -> CustomProvider:
        """Makes one of {name, slug, base_url, enable}; looks first when an answer says neither yes nor no.

        Raises CloudflareError that names the import for a slug that is taken.
        """
        try:
            return _provider(self._client.post(self._path, dict(body))["result"])
        except CloudflareError as error:
            taken = error.status == 409
            if not taken and not error.is_ambiguous:
                raise
            there = self.find(body["slug"])
            if there is None:
                return _provider(self._client.post(self._path, dict(body))["result"])
            if not taken and all(getattr(there, name) == value for name, value in body.items()):
                return there
            raise CloudflareError(
                f"account {self._account} has a custom provider {there.slug} already, which this stack did not make",
                f"{take_over(CUSTOM_PROVIDER, there.slug, f'{self._account}/{there.id}')}; or delete it there",
                status=409,
            ) from None

    def update(self, provider: str, changed: Mapping[str, Any]) -> None:
        """Changes what is given; the rest stays."""
        self._client.patch(f"{self._path}/{provider}", dict(changed))

    def delete(self, provider: str) -> None:
        """Takes it away; one that is gone already is fine."""
        try:
            self._client.delete(f"{self._path}/{provider}")
        except CloudflareError as error:
            if error.status != 404:
                raise


def _provider(answer: Mapping[str, Any]) -> CustomProvider:
    return CustomProvider(
        answer["id"],
        answer["name"],
        answer["slug"],
        answer["base_url"],
        enable=bool(answer.get("enable")),
        modified=answer.get("modified_at"),
    )
