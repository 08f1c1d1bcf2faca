"""Custom providers of an account: custom-<slug> in /compat and below the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import Collection, create_once, list_all
from gatewright.cloudflare.import_hint import import_hint
from gatewright.command_line import command
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import CUSTOM_PROVIDER
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client


@frozen
class CustomProvider:
    """One provider, by the API's names."""

    id: str
    name: str
    slug: str
    base_url: str
    enable: bool
    modified: str | None = None


class CustomProviders(Collection):
    """The custom providers of one account."""

    def __init__(self, client: Client, account: str) -> None:
        super().__init__(client, f"/accounts/{account}/ai-gateway/custom-providers")
        self._account = account

    def get(self, provider: str) -> CustomProvider | None:
        """The provider of that id, or None."""
        answer = self._read(provider)
        return _provider(answer) if answer else None

    def find(self, slug: str) -> CustomProvider | None:
        """The provider of that slug, or None."""
        return next((provider for provider in self.list_all() if provider.slug == slug), None)

    def list_all(self) -> Iterator[CustomProvider]:
        """All providers of the account."""
        yield from map(_provider, list_all(self._client, self._path))

    def create(self, body: Mapping[str, Any], shared_with: Callable[[], Sequence[str]] = lambda: ()) -> CustomProvider:
        """Create a provider of {name, slug, base_url, enable}.

        `shared_with` returns the other environments that declare it: if there are any, an equal one is taken.

        Raises:
            CloudflareError: also for a slug that exists, with a hint that imports it.
        """
        provider, error = create_once(
            lambda: _provider(self._client.post(self._path, dict(body))["result"]),
            lambda: self.find(body["slug"]),
            is_conflict=lambda error: error.status == 409,
        )
        is_same = all(getattr(provider, name) == value for name, value in body.items())
        if error is None or (error.is_ambiguous and is_same):
            return provider
        if others := shared_with():
            if is_same:
                return provider
            raise CloudflareError(
                f"account {self._account} has a custom provider {provider.slug} with other settings (base_url "
                f"{provider.base_url}), shared with {', '.join(others)}",
                f"Bring it up to date first: {command(f'up {others[0]}')}",
                status=409,
            )
        raise CloudflareError(
            f"account {self._account} already has a custom provider {provider.slug}, which this stack did not create",
            f"{import_hint(CUSTOM_PROVIDER, provider.slug, f'{self._account}/{provider.id}')}; or delete it there",
            status=409,
        )

    def update(self, provider: str, changes: Mapping[str, Any]) -> None:
        """Change these properties; the others stay."""
        self._client.patch(f"{self._path}/{provider}", dict(changes))


def _provider(answer: Mapping[str, Any]) -> CustomProvider:
    return CustomProvider(
        answer["id"],
        answer["name"],
        answer["slug"],
        answer["base_url"],
        enable=bool(answer.get("enable")),
        modified=answer.get("modified_at"),
    )
