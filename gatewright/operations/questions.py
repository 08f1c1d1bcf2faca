"""The smoke requests of an environment: one for each model and route, sent as a program of one's own would send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clients.endpoints import endpoints
from gatewright.cloudflare.stored_keys import provider_keys
from gatewright.environment.abilities import Abilities
from gatewright.environment.names import reachable
from gatewright.environment.problems import did_you_mean
from gatewright.environment.references import ModelName, RouteName, Unified
from gatewright.environment.resolved import Client
from gatewright.errors import UsageError
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gatewright.clients.endpoints import Access
    from gatewright.environment.resolved import Environment

QUESTION = "What is 2+2? Answer in one word."
_ABILITIES = Abilities(title="verify", speaks=(Api.CHAT,))


@dataclass(frozen=True, slots=True)
class Question:
    """One request: to whom, where, what the model is called there, and the credentials that it carries by name."""

    name: ModelName | RouteName
    access: Access
    model: str
    providers: tuple[str, ...]  # whose limits it counts for: of a route, any that it may call

    @property
    def called(self) -> str:
        """mistral/codestral, dynamic/fast."""
        return str(self.name)

    @property
    def url(self) -> str:
        """Where it is sent."""
        return f"{self.access.url}/chat/completions"

    def body(self, mark: str) -> Mapping[str, object]:
        """The request's body; `mark` makes it unlike any other, which a cache could answer."""
        return {"model": self.model, "messages": [{"role": "user", "content": f"{QUESTION} ({mark})"}]}

    def headers(self, token: str | None, keys: Mapping[str, str]) -> dict[str, str]:
        """The credentials: the gateway's `token`, and the provider's key where it is the user's own (by variable)."""
        headers = {}
        if self.access.gateway_authorization and token:
            headers["cf-aig-authorization"] = f"Bearer {token}"
        if self.access.authorization:
            headers["authorization"] = f"Bearer {keys[self.access.authorization]}"
        return headers


def questions(environment: Environment, only: Sequence[str] = ()) -> list[Question]:
    """The routes first, then the models, in the order of the file; `only` keeps these names, or all of a provider.

    Raises UsageError for a name that is none, and where there is nothing to ask.
    """
    names = [name for name in _names(environment) if can_be_asked(environment, name)]
    wanted = _chosen(names, only, environment)
    if not wanted:
        raise UsageError(f"{environment.name} has no model and no route to ask", f"gatewright show {environment.name}")
    paid = _paid_by_the_gateway(environment)
    return [_question(environment, name, paid) for name in wanted]


def out_of_reach(environment: Environment) -> list[str]:
    """The models that nothing behind the gateway speaks chat completions for, so that they cannot be asked."""
    return [str(name) for name in _names(environment) if not can_be_asked(environment, name)]


def can_be_asked(environment: Environment, name: ModelName | RouteName) -> bool:
    """Whether the gateway reaches it by chat completions."""
    if isinstance(name, RouteName):
        return True
    return reachable(name.provider, environment.providers[name.provider], "gateway", _ABILITIES.speaks)


def _names(environment: Environment) -> list[ModelName | RouteName]:
    models = [ModelName(provider, model) for provider, each in environment.providers.items() for model in each.models]
    return [*map(RouteName, environment.routes), *models]


def question(environment: Environment, name: ModelName | RouteName) -> Question:
    """The request to one model or route."""
    return _question(environment, name, _paid_by_the_gateway(environment))


def _question(environment: Environment, name: ModelName | RouteName, paid: Collection[str]) -> Question:
    if isinstance(name, RouteName):
        routed = {model.value.provider for model in environment.routes[name.route].models()}
        providers, keys = tuple(sorted(routed)), "stored"
    else:
        providers, keys = (name.provider,), "stored" if name.provider in paid else "local"
    entry, listed = endpoints(environment, _client(environment, name, keys)).find(name)
    return Question(name, entry.access, listed.id, providers)


def _client(environment: Environment, name: ModelName | RouteName, keys: str) -> Client:
    """A program of one's own, which lists that one model."""
    return Client(
        program="models",
        primary=None,
        fallbacks=(),
        small=None,
        models=(name,),
        via=dict.fromkeys(environment.providers, "gateway"),
        keys=keys,
        token="" if environment.gateway.authenticated else None,
        variable="TOKEN",
        provider=environment.gateway_name,
        version=None,
        abilities=_ABILITIES,
    )


def _paid_by_the_gateway(environment: Environment) -> frozenset[str]:
    """The providers that need no key of the user's: by one stored at Cloudflare, by credits, or by the account."""
    if not environment.gateway.authenticated:
        return frozenset()
    free = {name for name, each in environment.providers.items() if each.key is None or isinstance(each.key, Unified)}
    return frozenset(free | {key.provider for key in provider_keys(environment)})


def _chosen(
    names: list[ModelName | RouteName], only: Sequence[str], environment: Environment
) -> list[ModelName | RouteName]:
    if not only:
        return names
    known = {str(name) for name in names} | {str(name).partition("/")[0] for name in names}
    for each in only:
        if each not in known:
            hint = did_you_mean(each, known) or f"gatewright show {environment.name} models"
            raise UsageError(f"{environment.name} has no model or route {each} to ask", hint)
    return [name for name in names if str(name) in only or str(name).partition("/")[0] in only]
