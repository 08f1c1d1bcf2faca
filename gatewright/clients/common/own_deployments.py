"""Providers of a file that names the provider, URL and key with each model: LiteLLM's, Continue's."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, count
from urllib.parse import urlsplit

from gatewright.clients.common.own_config import OwnConfig, OwnModel, OwnProvider
from gatewright.clients.common.own_keys import OwnKey
from gatewright.environment.references import Located


@dataclass(slots=True)
class OwnDeployments:
    """Collects the providers of `config`: one for each name and base URL, with its first key.

    `compatible` are names that stand for any provider with OpenAI's API; such a provider is named after its host.
    """

    config: OwnConfig
    compatible: Collection[str]
    _ids: dict[tuple[str, str | None], str] = field(default_factory=dict)
    _providers: dict[str, OwnProvider] = field(default_factory=dict)
    _models: dict[str, dict[str, OwnModel]] = field(default_factory=dict)

    def add(
        self, provider: Located[str], url: Located[str] | None, key: OwnKey | None, model: OwnModel, api: str | None
    ) -> str:
        """Add one model and return the name of it, provider/model."""
        identity = provider.value, url.value.rstrip("/") if url else None
        if identity not in self._ids:
            id_ = self._new_id(provider.value, url)
            self._ids[identity] = id_
            self._providers[id_] = OwnProvider(id_, provider.location, provider.path, base_url=url, api=api, key=key)
            self._models[id_] = {}
        id_ = self._ids[identity]
        first = self._providers[id_].key
        if first is None and key is not None:
            self._providers[id_] = replace(self._providers[id_], key=key)
        elif first is not None and key is not None and (first.source, first.variable) != (key.source, key.variable):
            self.config.skip(key.location, key.path, f"{id_} has another key already")
        self._models[id_].setdefault(model.id, model)
        return f"{id_}/{model.id}"

    def finish(self) -> None:
        """Add the providers to the config."""
        for id_, provider in self._providers.items():
            self.config.providers.append(replace(provider, models=tuple(self._models[id_].values())))

    def _new_id(self, name: str, url: Located[str] | None) -> str:
        id_ = name
        if url is not None and name in self.compatible:
            with suppress(ValueError):  # an invalid URL is reported with the provider
                id_ = urlsplit(url.value).hostname or name
        return next(
            new for new in chain([id_], (f"{id_}-{number}" for number in count(2))) if new not in self._providers
        )
