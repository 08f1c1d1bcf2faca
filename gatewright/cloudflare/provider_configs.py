"""Provider configs of a gateway at Cloudflare (BYOK): each links a secret to a provider of the gateway.

There is no GET of one; its limit cannot be changed; its deletion deletes the secret too, by the documentation of the
endpoint (who uses it has seen the secret stay). While the secret is new it "was not found" [live].
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatewright.cloudflare.import_hint import take_over
from gatewright.cloudflare.secrets_store import PAUSES
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import PROVIDER_CONFIG
from gatewright.facts.slugs import CUSTOM_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

SCOPE: Final = "ai_gateway"
"""What a secret must be open to."""
KEPT: Final = "kept by gatewright"
"""Stands in the comment of each secret that a stack makes."""
ALIAS: Final = "default"
"""The alias of the key that is used where a request names none; no other one is looked at then [docs]."""

_MOST = 50  # a page


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One as the API shows it, without the end of the key. `limit`: (requests, seconds), or None; `default`: whether a
    call that names no alias gets it."""

    id: str
    slug: str
    alias: str
    secret: str
    limit: tuple[int, int] | None
    default: bool


def secret_name(gateway: str, slug: str, alias: str) -> str:
    """What the secret must be called: the gateway finds it by that alone [live]."""
    return f"{gateway}_{slug}_{alias}"


class ProviderConfigs:
    """Those of one gateway. Raises what `Client` raises."""

    def __init__(
        self, client: Client, account: str, gateway: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._gateway = f"{account}/{gateway}"
        self._path = f"/accounts/{account}/ai-gateway/gateways/{gateway}/provider_configs"
        self._sleep = sleep

    def listed(self) -> Iterator[ProviderConfig]:
        """All of the gateway's; none for a gateway that is not there [live]."""
        page = 1
        while found := self._client.get(self._path, {"page": page, "per_page": _MOST})["result"]:
            yield from map(_config, found)
            page += 1

    def get(self, config: str) -> ProviderConfig | None:
        """The config of that id, or None."""
        return next((each for each in self.listed() if each.id == config), None)

    def find(self, slug: str, alias: str) -> ProviderConfig | None:
        """The config of a provider under an alias, or None."""
        return next((each for each in self.listed() if (each.slug, each.alias) == (slug, alias)), None)

    def create(self, slug: str, alias: str, secret: str, limit: tuple[int, int] | None) -> ProviderConfig:
        """Links a secret, as the provider's default. One that links the same secret with the same limit is taken over:
        after an answer that said neither yes nor no it is the one that was made.

        Raises CloudflareError that names the import where the alias is taken by another.
        """
        body = {"provider_slug": slug, "alias": alias, "secret_id": secret, "default_config": True}
        if limit:
            body |= {"rate_limit": limit[0], "rate_limit_period": limit[1]}
        try:
            return self._post(body)
        except CloudflareError as error:
            if not error.is_ambiguous and "already exists" not in error.message:
                raise
            there = self.find(slug, alias)
            if there is None:
                return self._post(body)
            if (there.secret, there.limit) == (secret, limit):
                return there
            hint = take_over(PROVIDER_CONFIG, slug.removeprefix(CUSTOM_PREFIX), f"{self._gateway}/{there.id}")
            raise CloudflareError(
                f"gateway {self._gateway} has a provider config {slug} with the alias {alias} already, which this "
                "stack did not make",
                f"{hint}; or delete it there",
                status=error.status,
            ) from None

    def delete(self, config: str) -> None:
        """Takes it away; one that is gone already is fine."""
        try:
            self._client.delete(f"{self._path}/{config}")
        except CloudflareError as error:
            if error.status != 404:
                raise

    def _post(self, body: dict[str, Any]) -> ProviderConfig:
        for pause in PAUSES:
            try:
                return _config(self._client.post(self._path, body)["result"])
            except CloudflareError as error:
                if error.status != 400 or "was not found" not in error.message:
                    raise
                self._sleep(pause)
        return _config(self._client.post(self._path, body)["result"])


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
