"""Match the names in analytics and logs with those of an environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.environment.model.routes import Elements, If, Limit, Split, Try
from gatewright.environment.references import ModelName
from gatewright.facts.slugs import CUSTOM_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatewright.cloudflare.gateway_logs import LogEntry
    from gatewright.environment.model.routes import Step
    from gatewright.environment.resolved import Environment

UNKNOWN = "(unknown)"


@dataclass
class Names:
    """The names of one environment. Since September 2026 Cloudflare reports many models as `author/model` with dots and
    without dates, whatever the id of the request was."""

    environment: Environment
    _models: dict[tuple[str, str], ModelName] = field(init=False)
    _steps: dict[str, frozenset[tuple[int, ModelName]]] = field(init=False)

    def __post_init__(self) -> None:
        declared = [
            (provider, model.id or name, ModelName(provider, name))
            for provider, content in self.environment.providers.items()
            for name, model in content.models.items()
        ]
        self._models = {(provider, _plain(provider, id_)): name for provider, id_, name in declared}
        self._models |= {(provider, id_): name for provider, id_, name in declared}
        self._steps = {
            name: frozenset(_steps(route.tree, 0)) if not isinstance(route.tree, Elements) else frozenset()
            for name, route in self.environment.routes.items()
        }

    def model(self, provider: str, model: str) -> ModelName | None:
        """The declared model that a provider and a model of Cloudflare's figures name."""
        provider = provider.removeprefix(CUSTOM_PREFIX)
        return self._models.get((provider, model)) or self._models.get((provider, _plain(provider, model)))

    def model_text(self, provider: str, model: str) -> str:
        """The declared name; Cloudflare's names where the model is not declared."""
        return str(self.model(provider, model) or f"{provider or UNKNOWN}/{model or UNKNOWN}")

    def route(self, attempts: Iterable[LogEntry]) -> str | None:
        """The routes that have all these attempts of one request as steps: `fast`, `fast or bulk`; None where no route
        has. The log names no route."""
        pairs = {(attempt.step, self.model(attempt.provider, attempt.model)) for attempt in attempts}
        return " or ".join(name for name, steps in self._steps.items() if pairs <= steps) or None

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


def _steps(step: Step, before: int) -> Iterator[tuple[int, ModelName]]:
    """Each model with how many models the route tries before it."""
    match step:
        case Try(models=models):
            for index, model in enumerate(models):
                yield before + index, model.value
        case Split(branches=branches):
            for _, inner in branches:
                yield from _steps(inner, before)
        case If(then=then, otherwise=otherwise):
            yield from _steps(then, before)
            yield from _steps(otherwise, before)
        case Limit(then=then, over=over):
            yield from _steps(then, before)
            if over is not None:
                yield from _steps(over, before)
