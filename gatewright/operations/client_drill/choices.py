"""What a client's program asks first, and which model has to answer when that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.common.endpoints import first_model
from gatewright.environment.references import ModelName, OwnName, RouteName
from gatewright.frozen import frozen
from gatewright.operations.probe.forced_fallback import element_with_fallback, next_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment


@frozen
class Choice:
    """The primary and the fallbacks of a client, or of one of its agents; `agent` is "" for none."""

    client: str
    agent: str
    primary: Name
    fallbacks: tuple[Name, ...]

    @property
    def label(self) -> str:
        """openclaw, or openclaw coder."""
        return f"{self.client} {self.agent}".rstrip()


@frozen
class Failing:
    """A model that is made to fail: Cloudflare's slug and id, the environment's name, and the names of the models that
    may answer instead; empty where that depends on the request."""

    provider: str
    model: str
    name: str
    expected: frozenset[str]


def choices_of(client: Client) -> Iterator[Choice]:
    """The choices of a client and of its agents; fallbacks only where the program uses them."""
    if client.models or client.primary is not None:
        yield Choice(client.program, "", first_model(client), client.fallbacks)
    supported = client.capabilities.agents
    for name, agent in client.agents.items():
        fallbacks = agent.fallbacks if supported and supported.fallbacks else ()
        yield Choice(client.program, name, agent.primary, fallbacks)


def unreached(client: Client, choice: Choice) -> str | None:
    """Why the gateway does not see the requests of a choice; None if it does."""
    for name in (choice.primary, *choice.fallbacks):
        if isinstance(name, ModelName) and client.via[name.provider] == "direct":
            return f"{name} is called without the gateway"
    if isinstance(choice.primary, OwnName):
        return f"its primary {choice.primary} is of the client's own configuration"
    return None


def failing_model_of(environment: Environment, choice: Choice, answered_by: str) -> Failing | None:
    """The model that fails in the drill of a choice that `answered_by` answers as usual; None if no model follows."""
    if isinstance(choice.primary, RouteName):
        element = element_with_fallback(environment, choice.primary.route, answered_by)
        if element is None:
            return None
        properties, following = element["properties"], next_models(environment, choice.primary.route, element)
        return Failing(properties["provider"], properties["model"], answered_by, frozenset(following))
    fallback = next((name for name in choice.fallbacks if not isinstance(name, OwnName)), None)
    if fallback is None or not isinstance(choice.primary, ModelName):
        return None
    primary = choice.primary
    expected = frozenset[str]() if isinstance(fallback, RouteName) else frozenset({str(fallback)})
    return Failing(environment.slug(primary.provider), environment.model_id(primary), str(primary), expected)
