"""Match the names in analytics and logs with those of an environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.operations.routes.log_routes import routes_by_step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.resolved import Environment

UNKNOWN = "(unknown)"


@dataclass
class Names:
    """The names of one environment. Since September 2026 Cloudflare reports many models as `author/model` with dots and
    without dates, whatever the id of the request was."""

    environment: Environment
    _models: dict[tuple[str, str], ModelName] = field(init=False)
    _texts: dict[tuple[str, str], str] = field(init=False, default_factory=dict)
    _routes: dict[tuple[str, int], frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        declared = [
            (provider, model.id or name, ModelName(provider, name))
            for provider, content in self.environment.providers.items()
            for name, model in content.models.items()
        ]
        self._models = {(provider, _plain(provider, id_)): name for provider, id_, name in declared}
        self._models |= {(provider, id_): name for provider, id_, name in declared}
        self._routes = {
            (self.model_text(provider, model), step): frozenset(routes)
            for (provider, model, step), routes in routes_by_step(self.environment).items()
        }

    def model(self, provider: str, model: str) -> ModelName | None:
        """The declared model that a provider and a model of Cloudflare's figures name."""
        provider = provider.removeprefix(CUSTOM_PREFIX)
        return self._models.get((provider, model)) or self._models.get((provider, _plain(provider, model)))

    def model_text(self, provider: str, model: str) -> str:
        """The declared name; Cloudflare's names where the model is not declared."""
        text = self._texts.get((provider, model))
        if text is None:
            name = model.removeprefix(f"{provider}/") or UNKNOWN
            text = str(self.model(provider, model) or f"{provider or UNKNOWN}/{name}")
            self._texts[provider, model] = text
        return text

    def routes(self, attempts: Iterable[LogEntry]) -> tuple[str, ...]:
        """The routes that have all these attempts of one request as steps. The log names no route."""
        routes = [
            self._routes.get((self.model_text(attempt.provider, attempt.model), attempt.step), frozenset())
            for attempt in attempts
        ]
        return tuple(sorted(frozenset.intersection(*routes)))

    def route(self, attempts: Iterable[LogEntry]) -> str | None:
        """The same in words: `fast`, `fast or bulk`; None where no route has them."""
        return " or ".join(self.routes(attempts)) or None

    def token(self, entry: LogEntry) -> str:
        """The token of the only clients that send the entry's metadata. The log names no token."""
        tokens = {
            client.token
            for client in self.environment.clients.values()
            if client.metadata
            and client.token
            and all(
                key in entry.metadata and (not isinstance(value, str | int | float) or entry.metadata[key] == value)
                for key, value in client.metadata.items()
            )
        }
        if not tokens:
            tokens = {client.token for client in self.environment.clients.values() if client.token}
        return tokens.pop() if len(tokens) == 1 else UNKNOWN


def _plain(provider: str, model: str) -> str:
    """A model's name without its author, date and dots, which Cloudflare's names and ids differ in."""
    name = model.removeprefix(f"{provider}/").lower().rpartition("/")[2]
    return re.sub(r"-\d{8}$", "", name).replace(".", "-")
