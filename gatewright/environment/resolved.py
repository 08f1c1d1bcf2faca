"""An environment that has been checked: what clients, components and operations work from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.model.environment_file import Local, Model, Provider, Role, Token
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.routes import Elements, Route
from gatewright.environment.references import ModelName, Name, RouteName

GATEWAY_ORIGIN = "https://gateway.ai.cloudflare.com"
API_ORIGIN = "https://api.cloudflare.com"


@dataclass(frozen=True, slots=True)
class Agent:
    """A role as a client has it: the first choice, and what follows when that fails."""

    primary: Name
    fallbacks: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """One client's share of an environment: every name is known to exist and to be reachable."""

    program: str  # openclaw
    primary: Name | None
    fallbacks: tuple[Name, ...]
    small: Name | None
    models: tuple[ModelName | RouteName, ...]  # what it lists, in the order of the file
    via: Mapping[str, str]  # provider -> gateway | provider | rest | direct
    keys: str  # stored | local
    token: str | None  # the name of the token it authenticates with; None on a gateway without authentication
    variable: str
    provider: str  # the id that the client shows
    version: str | None
    capabilities: ClientCapabilities  # the program's
    agents: Mapping[str, Agent] = field(default_factory=dict)  # by the client's own names for them


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, whole and checked. `account_id` is None while its variable is not set."""

    name: str
    account_id: str | None
    account_variable: str | None
    local: Local | None
    protect: bool
    providers: Mapping[str, Provider]  # those in use
    routes: Mapping[str, Route]
    roles: Mapping[str, Role]
    gateway_name: str
    gateway: Gateway
    tokens: Mapping[str, Token]  # `allow` filled in
    clients: Mapping[str, Client]

    @property
    def account(self) -> str:
        """The account's id, or a placeholder that is visibly none."""
        return self.account_id or f"{self.account_variable}-is-not-set"

    @property
    def gateway_origin(self) -> str:
        """Where the gateway is called: scheme and host."""
        return f"http://127.0.0.1:{self.local.port}" if self.local else GATEWAY_ORIGIN

    @property
    def api_origin(self) -> str:
        """Where Cloudflare's API is called: scheme and host."""
        return f"http://127.0.0.1:{self.local.port}" if self.local else API_ORIGIN

    @property
    def gateway_url(self) -> str:
        """The gateway's base URL; endpoints follow it: /compat, /openai, …"""
        return f"{self.gateway_origin}/v1/{self.account}/{self.gateway_name}"

    def model(self, name: ModelName) -> Model:
        """The facts on a model in use."""
        return self.providers[name.provider].models[name.model]

    def asked_by(self, route: str) -> tuple[Model | None, ...]:
        """The facts on every model that a route may ask; None for one that only its graph names."""
        found = self.routes[route]
        if not isinstance(found.tree, Elements):
            return tuple(self.model(model.value) for model in found.models())
        ids = {
            (name, model.id or called): model
            for name, provider in self.providers.items()
            for called, model in provider.models.items()
        }
        return tuple(ids.get(each) for each in found.tree.called())

    def model_id(self, name: ModelName) -> str:
        """A model's id at its own provider."""
        return self.model(name).id or name.model
