"""The smoke requests of an environment: one for each model and route, and one for each further way to a provider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.clients.endpoints import endpoints
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.diagnostics import did_you_mean
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.references import ModelName, RouteName, Unified
from gatewright.environment.resolved import Client
from gatewright.errors import UsageError
from gatewright.facts.slugs import Api
from gatewright.operations.probe.probe_endpoints import ways_to

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gatewright.clients.endpoints import Access
    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.probe_endpoints import Way

QUESTION = "What is 2+2? Answer in one word."
_ABILITIES = ClientCapabilities(title="verify", keyless_messages=True)
_PATHS = {Api.CHAT: "chat/completions", Api.RESPONSES: "responses", Api.MESSAGES: "v1/messages"}
_ANTHROPIC_VERSION = "2023-06-01"
_LONGEST = 256  # tokens of an answer: Anthropic's API wants a limit, and a model that thinks some room


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One request: to whom, where, what the model is called there, and the credentials that it carries by name."""

    name: ModelName | RouteName
    access: Access
    model: str
    providers: tuple[str, ...]  # whose limits it counts for: of a route, any that it may call
    further: str = ""  # in words, the way, where the model is asked by another one too

    @property
    def called(self) -> str:
        """mistral/codestral, dynamic/fast, anthropic/claude-sonnet-4 via rest."""
        return f"{self.name} {self.further}" if self.further else str(self.name)

    @property
    def key(self) -> str | None:
        """The variable of the provider's key that it carries: the REST form's one credential is the token."""
        return None if self.access.gateway_id else self.access.authorization

    @property
    def url(self) -> str:
        """Where it is sent."""
        return f"{self.access.url}/{_PATHS[self.access.api]}"

    def body(self, mark: str) -> Mapping[str, object]:
        """The request's body; `mark` makes it unlike any other, which a cache could answer."""
        asked = f"{QUESTION} ({mark})"
        if self.access.api is Api.RESPONSES:
            return {"model": self.model, "input": asked}
        body: dict[str, object] = {"model": self.model, "messages": [{"role": "user", "content": asked}]}
        return body | ({"max_tokens": _LONGEST} if self.access.api is Api.MESSAGES else {})

    def headers(self, token: str | None, keys: Mapping[str, str]) -> dict[str, str]:
        """The credentials: the gateway's `token`, and the provider's key where it is the user's own (by variable)."""
        headers, access = {}, self.access
        if access.api is Api.MESSAGES:
            headers["anthropic-version"] = _ANTHROPIC_VERSION
        if access.gateway_id:
            headers |= {"cf-aig-gateway-id": access.gateway_id, "authorization": f"Bearer {token}"}
        if access.gateway_authorization and token:
            headers["cf-aig-authorization"] = f"Bearer {token}"
        if self.key and access.api is Api.MESSAGES:
            headers["x-api-key"] = keys[self.key]
        elif self.key:
            headers["authorization"] = f"Bearer {keys[self.key]}"
        return headers


def questions(environment: Environment, only: Sequence[str] = ()) -> list[ProbeRequest]:
    """The routes first, then the models, in the order of the file, each by the way that clients take; then the further
    ways. `only` keeps these names, or all of a provider.

    Raises UsageError for a name that is none, and where there is nothing to ask.
    """
    names = [name for name in _names(environment) if can_be_asked(environment, name)]
    wanted = _chosen(names, only, environment)
    if not wanted:
        raise UsageError(f"{environment.name} has no model and no route to ask", f"gatewright show {environment.name}")
    paid = _paid_by_the_gateway(environment)
    asked: list[ProbeRequest] = []
    for name, way in ways_to(environment, wanted):
        again = any(each.name == name for each in asked)
        asked.append(replace(_question(environment, name, way, paid), further=_in_words(way) if again else ""))
    return asked


def _in_words(way: Way) -> str:
    return f"via {way.via}" if way.api is Api.CHAT else f"via {way.via}, {way.api}"


def out_of_reach(environment: Environment) -> list[str]:
    """The models that nothing behind the gateway speaks a known API for, so that they cannot be asked."""
    return [str(name) for name in _names(environment) if not can_be_asked(environment, name)]


def can_be_asked(environment: Environment, name: ModelName | RouteName) -> bool:
    """Whether it is reached through the gateway, by a way of a client's or the usual one."""
    return bool(ways_to(environment, [name]))


def _names(environment: Environment) -> list[ModelName | RouteName]:
    models = [ModelName(provider, model) for provider, each in environment.providers.items() for model in each.models]
    return [*map(RouteName, environment.routes), *models]


def question(environment: Environment, name: ModelName | RouteName) -> ProbeRequest:
    """The request to one model or route, by the way that clients take."""
    _, way = ways_to(environment, [name])[0]
    return _question(environment, name, way, _paid_by_the_gateway(environment))


def clients_question(environment: Environment, client: Client) -> ProbeRequest | None:
    """The request that a client would send: to its first choice, else to the first model that it lists; None where it
    asks all of them past the gateway."""
    reached = endpoints(environment, client)
    for name in (client.primary, *client.models):
        if isinstance(name, ModelName | RouteName) and _is_behind_the_gateway(client, name):
            entry, listed = reached.find(name)
            providers = _routed(environment, name) if isinstance(name, RouteName) else (name.provider,)
            return ProbeRequest(name, entry.access, listed.id, providers)
    return None


def _is_behind_the_gateway(client: Client, name: ModelName | RouteName) -> bool:
    return isinstance(name, RouteName) or client.via[name.provider] != "direct"


def _routed(environment: Environment, name: RouteName) -> tuple[str, ...]:
    return tuple(sorted(environment.routes[name.route].providers()))


def _question(environment: Environment, name: ModelName | RouteName, way: Way, paid: Collection[str]) -> ProbeRequest:
    if isinstance(name, RouteName):
        providers, keys = _routed(environment, name), "stored"
    else:
        providers, keys = (name.provider,), "stored" if name.provider in paid else "local"
    entry, listed = endpoints(environment, _client(environment, name, way, keys)).find(name)
    return ProbeRequest(name, entry.access, listed.id, providers)


def _client(environment: Environment, name: ModelName | RouteName, way: Way, keys: str) -> Client:
    """A program of one's own, which lists that one model."""
    return Client(
        program="models",
        primary=None,
        fallbacks=(),
        small=None,
        models=(name,),
        via=dict.fromkeys(environment.providers, way.via),
        keys=keys,
        token="" if environment.gateway.authenticated else None,
        variable="TOKEN",
        provider=environment.gateway_name,
        version=None,
        capabilities=replace(_ABILITIES, speaks=(way.api,)),
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
