"""A checked environment: the input of clients, components and operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from gatewright.diagnostics import Location
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.model.catalog import Model, Provider
from gatewright.environment.model.environment_file import Local, Role, Token
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.gateway_domains import DomainAccess
from gatewright.environment.model.request_options import RequestOptions
from gatewright.environment.model.routes import Elements, Route
from gatewright.environment.references import (
    DEPLOYING_TOKEN,
    AgentName,
    FromVariable,
    MetadataValue,
    ModelName,
    Name,
    RouteName,
    SentValue,
)
from gatewright.facts.local_cloudflare import domain_url
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.frozen import frozen

GATEWAY_ORIGIN = "https://gateway.ai.cloudflare.com"
API_ORIGIN = "https://api.cloudflare.com"


@frozen
class Retirement:
    """The retirement of a model: its date (2026-12-01), whether that has come, and the model to use instead."""

    date: str
    is_over: bool
    successor: ModelName | None

    def __str__(self) -> str:
        return f"is retired since {self.date}" if self.is_over else f"retires on {self.date}"


@frozen
class RetiringUse:
    """A place in a file that names a model which is retired, or retires within 30 days."""

    name: ModelName
    retirement: Retirement
    location: Location
    path: str  # routes.fast[0]


@frozen
class Agent:
    """A role of a client: a primary and its fallbacks."""

    primary: Name
    fallbacks: tuple[Name, ...] = ()
    options: RequestOptions | None = None  # None: those of the client


@frozen
class Helper:
    """The program `gatewright` and its folder of state as a client's files name them; `project` is None where the file
    may be on any machine."""

    program: str = "gatewright"
    project: str | None = None
    state: str = "~/.local/state/gatewright"


@frozen
class Client:
    """A client of an environment. Every name in it exists and is reachable."""

    program: str  # openclaw
    primary: Name | None
    fallbacks: tuple[Name, ...]
    small: Name | None
    models: tuple[ModelName | RouteName, ...]  # that the client lists, in the order of the file
    via: Mapping[str, str]  # provider -> gateway | provider | rest | direct
    keys: str  # stored | local
    token: str | None  # the name of its token; None on a gateway without authentication
    variable: str
    provider: str  # the provider id that the client shows
    version: str | None
    capabilities: ClientCapabilities
    agents: Mapping[str, Agent] = field(default_factory=dict)  # by the client's own names
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    options: RequestOptions = field(default_factory=RequestOptions)
    domain: str | None = None  # the custom domain that it uses; None for Cloudflare's own address
    domain_access: DomainAccess | None = None  # Cloudflare Access in front of that domain
    credential: str = "variable"  # helper | variable | file: where it takes its token from
    helper: Helper = Helper()
    routes_via: str = "gateway"  # gateway | rest

    def metadata_of(self, role: str = "") -> dict[str, SentValue]:
        """The metadata of requests by the agent `role`; those without an agent leave {role: true} out."""
        return {
            key: role if isinstance(value, AgentName) else value
            for key, value in self.metadata.items()
            if role or not isinstance(value, AgentName)
        }

    @property
    def distinguished_roles(self) -> tuple[str, ...]:
        """The agents whose requests have other headers."""
        has_names = AgentName() in self.metadata.values()
        return tuple(name for name, agent in self.agents.items() if has_names or agent.options is not None)

    def options_of(self, role: str = "") -> RequestOptions:
        """The options of requests by the agent `role`, or by none."""
        return (self.agents[role].options if role else None) or self.options

    def variables_sent(self) -> Iterator[FromVariable]:
        """The variables in the headers of its requests."""
        options = (self.options_of(role) for role in ("", *self.distinguished_roles))
        for value in (*self.metadata.values(), *(each.session for each in options)):
            if isinstance(value, FromVariable):
                yield value


@frozen
class Environment:
    """A complete, checked environment. `account_id` is None while its variable is not set."""

    name: str
    account_id: str | None
    account_variable: str | None
    local: Local | None
    protect: bool
    providers: Mapping[str, Provider]  # the enabled ones
    routes: Mapping[str, Route]
    roles: Mapping[str, Role]
    gateway_name: str
    gateway: Gateway
    tokens: Mapping[str, Token]  # with `allow` set
    clients: Mapping[str, Client]
    deploy_variable: str = DEPLOYING_TOKEN  # holds the deploying token
    retirements: Mapping[ModelName, Retirement] = field(default_factory=dict)  # past and announced
    retiring_uses: tuple[RetiringUse, ...] = ()
    domain: str | None = None  # the custom domain that clients use by default; None for Cloudflare's own address

    @property
    def account(self) -> str:
        """The account's id, or a placeholder that cannot be mistaken for one."""
        return self.account_id or f"{self.account_variable}-is-not-set"

    @property
    def gateway_origin(self) -> str:
        """Scheme and host of the gateway."""
        return f"http://127.0.0.1:{self.local.port}" if self.local else GATEWAY_ORIGIN

    @property
    def api_origin(self) -> str:
        """Scheme and host of Cloudflare's API."""
        return f"http://127.0.0.1:{self.local.port}" if self.local else API_ORIGIN

    @property
    def gateway_url(self) -> str:
        """The gateway's base URL; endpoints follow it: /compat, /openai, …"""
        return f"{self.gateway_origin}/v1/{self.account}/{self.gateway_name}"

    def base_url(self, domain: str | None) -> str:
        """The gateway's base URL at one of its custom domains, which names neither account nor gateway."""
        if domain is None:
            return self.gateway_url
        return domain_url(self.local.port, domain) if self.local else f"https://{domain}"

    def domain_of(self, url: str) -> str | None:
        """The custom domain of an endpoint's URL; None at any other address."""
        return next((domain for domain in self.gateway.domains if url.startswith(f"{self.base_url(domain)}/")), None)

    @property
    def used_domains(self) -> tuple[str, ...]:
        """The custom domains that the environment or one of its clients uses."""
        domains = (self.domain, *(client.domain for client in self.clients.values()))
        return tuple(dict.fromkeys(domain for domain in domains if domain is not None))

    def slug(self, provider: str) -> str:
        """Cloudflare's slug of a provider: custom-<name> for a custom one."""
        declared = self.providers.get(provider)
        return f"{CUSTOM_PREFIX}{provider}" if declared and declared.base_url else provider

    def model(self, name: ModelName) -> Model:
        """The model with this name, of an enabled provider."""
        return self.providers[name.provider].models[name.model]

    def is_retired(self, name: Name) -> bool:
        """Whether `name` is a model that its provider no longer serves."""
        return isinstance(name, ModelName) and name in self.retirements and self.retirements[name].is_over

    def route_models(self, name: str) -> tuple[Model | None, ...]:
        """The models that a route can call; None for a model that is not declared, only named by a graph."""
        route = self.routes[name]
        if not isinstance(route.tree, Elements):
            return tuple(self.model(model.value) for model in route.models())
        models = self.models_by_id()
        return tuple(models.get(reference) for reference in route.tree.models())

    def models_by_id(self) -> dict[tuple[str, str], Model]:
        """The models by their provider and their id there."""
        return {
            (provider_name, model.id or model_name): model
            for provider_name, provider in self.providers.items()
            for model_name, model in provider.models.items()
        }

    def model_id(self, name: ModelName) -> str:
        """A model's id at its provider."""
        return self.model(name).id or name.model
