"""Provider configs of a gateway (BYOK): each links a secret to a provider of the gateway.

The API has no GET of one. A config's limit cannot be changed. Deleting it also deletes the secret, according to the
endpoint's documentation (users have seen the secret stay). While a secret is new, linking it fails with "was not found"
[live].
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from gatewright.cloudflare.collection import Collection, create_once, list_all
from gatewright.cloudflare.import_hint import import_hint
from gatewright.cloudflare.secrets_store import PAUSES, Secrets, SecretsStores
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import PROVIDER_CONFIG
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

GATEWAY_SCOPE: Final = "ai_gateway"
"""The scope that a linked secret needs."""
MANAGED: Final = "kept by gatewright"
"""Part of the comment of each secret that a stack creates."""
DEFAULT_ALIAS: Final = "default"
"""The alias of the key for requests that name none; such a request uses no other [docs]."""


@frozen
class ProviderConfig:
    """One config, without the key's last characters. `limit`: (requests, seconds), or None. `default`: requests that
    name no alias use it."""

    id: str
    slug: str
    alias: str
    secret: str
    limit: tuple[int, int] | None
    default: bool


def secret_name(gateway: str, slug: str, alias: str) -> str:
    """The name that a secret must have: the gateway finds it by its name only [live]."""
    return f"{gateway}_{slug}_{alias}"


class ProviderConfigs(Collection):
    """The provider configs of one gateway."""

    def __init__(
        self, client: Client, account: str, gateway: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, f"/accounts/{account}/ai-gateway/gateways/{gateway}/provider_configs")
        self._gateway = f"{account}/{gateway}"
        self._sleep = sleep

    def list_all(self) -> Iterator[ProviderConfig]:
        """All configs; none for a gateway that does not exist [live]."""
        yield from map(_config, list_all(self._client, self._path))

    def get(self, config: str) -> ProviderConfig | None:
        """The config of that id, or None."""
        return next((item for item in self.list_all() if item.id == config), None)

    def find(self, slug: str, alias: str) -> ProviderConfig | None:
        """The config of a provider with that alias, or None."""
        return next((item for item in self.list_all() if (item.slug, item.alias) == (slug, alias)), None)

    def create(self, slug: str, alias: str, secret: str, limit: tuple[int, int] | None) -> ProviderConfig:
        """Link a secret, as the provider's default. An existing config with the same secret and limit is returned.

        Raises:
            CloudflareError: also for an alias that another config has, with a hint that imports it.
        """
        body = {"provider_slug": slug, "alias": alias, "secret_id": secret, "default_config": True}
        if limit:
            body |= {"rate_limit": limit[0], "rate_limit_period": limit[1]}
        config, error = create_once(
            lambda: self._post(body),
            lambda: self.find(slug, alias),
            is_conflict=lambda error: "already exists" in error.message,
        )
        if error is None or (config.secret, config.limit) == (secret, limit):
            return config
        hint = import_hint(PROVIDER_CONFIG, slug.removeprefix(CUSTOM_PREFIX), f"{self._gateway}/{config.id}")
        raise CloudflareError(
            f"gateway {self._gateway} already has a provider config {slug} with the alias {alias}, which this stack "
            "did not create",
            f"{hint}; or delete it there",
            status=error.status,
        )

    def _post(self, body: dict[str, Any]) -> ProviderConfig:
        for pause in PAUSES:
            try:
                return _config(self._client.post(self._path, body)["result"])
            except CloudflareError as error:
                if error.status != 400 or "was not found" not in error.message:
                    raise
                self._sleep(pause)
        return _config(self._client.post(self._path, body)["result"])


def unlinked_secrets(client: Client, account: str, gateway: str) -> dict[str, str]:
    """Name -> import id of each secret that a stack created for `gateway`, and that no provider config links.

    A run leaves one where the creation of the secret is executed and never answered: the config comes after it.
    """
    store = SecretsStores(client, account).find()
    secrets = [
        secret
        for secret in (Secrets(client, account, store).list_all() if store else ())
        if secret.name.startswith(f"{gateway}_") and MANAGED in secret.comment
    ]
    linked = {config.secret for config in ProviderConfigs(client, account, gateway).list_all()} if secrets else set()
    return {secret.name: f"{account}/{store}/{secret.id}" for secret in secrets if secret.id not in linked}


def _config(answer: Mapping[str, Any]) -> ProviderConfig:
    limit = answer.get("rate_limit")
    return ProviderConfig(
        id=answer["id"],
        slug=answer["provider_slug"],
        alias=answer["alias"],
        secret=answer["secret_id"],
        limit=(int(limit), int(answer["rate_limit_period"])) if limit else None,
        default=bool(answer["default_config"]),  # 0 and 1 at Cloudflare
    )
