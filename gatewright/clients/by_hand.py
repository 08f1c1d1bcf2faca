"""Programs that are set up by hand: they keep their settings where no file can be written, or the token in clear.

Source: Cloudflare's pages on coding agents (cursor, xcode, claude-desktop), 2026. Those programs were not run. Cline:
`cline auth` and requests of 3.0.65. Its settings take no reference to a variable, but its provider openai-compatible
reads OPENAI_API_KEY where its entry has no `apiKey` (sdk/packages/llms/src/providers/builtins.ts of cline/cline).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, auto

from gatewright.clients.common.endpoints import TOKEN_HEADER, find_endpoints
from gatewright.command_line import NAME
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.names import listed_models
from gatewright.environment.references import RouteName
from gatewright.environment.resolved import Client, Environment
from gatewright.errors import UsageError
from gatewright.facts.slugs import Api
from gatewright.frozen import frozen


class ServiceToken(Enum):
    """How a program sends the service token that Cloudflare Access requires."""

    NEVER = auto()
    HEADERS = auto()  # beside the gateway's token
    AUTHORIZATION = auto()  # in place of it, as JSON in Authorization


@frozen
class ProgramByHand:
    """One program: its endpoints, and where a person enters each setting.

    `names_header`: the user names the header, and enters its whole value. `is_remote`: requests come from the vendor's
    servers.
    """

    capabilities: ClientCapabilities
    url: str
    models: str
    token: str
    service_token: ServiceToken
    names_header: bool = False
    is_remote: bool = False

    @property
    def via(self) -> str:
        """The endpoint that it uses. None can send the header that names the gateway at Cloudflare's REST API."""
        return "gateway" if Api.CHAT in self.capabilities.speaks else "provider"


BY_HAND: Mapping[str, ProgramByHand] = {
    "claude-desktop": ProgramByHand(
        ClientCapabilities("Claude Desktop", routes=False, speaks=(Api.MESSAGES,), keyless_messages=True),
        "Developer > Configure Third-Party Inference, connection type Gateway: gateway base URL",
        "the same window: Models",
        "the same window: Gateway API key, auth scheme Bearer",
        ServiceToken.HEADERS,
    ),
    "cline": ProgramByHand(
        ClientCapabilities("Cline", speaks=(Api.CHAT,)),
        "cline auth -p openai-compatible -b URL",
        "the same command: -m MODEL",
        "the same command: -k TOKEN, which Cline keeps in clear text; repeat it after a rotation. Or remove apiKey "
        "from ~/.cline/data/settings/providers.json and set OPENAI_API_KEY where Cline starts",
        ServiceToken.NEVER,
    ),
    "cursor": ProgramByHand(
        ClientCapabilities("Cursor", speaks=(Api.CHAT,)),
        "Cursor Settings > Models: Override OpenAI Base URL",
        "the same page: Add Model",
        "the same page: OpenAI API Key",
        ServiceToken.NEVER,
        is_remote=True,
    ),
    "xcode": ProgramByHand(
        ClientCapabilities("Xcode", speaks=(Api.CHAT,)),
        "Settings > Intelligence > Add a Chat Provider > Internet Hosted: URL",
        "the list of the provider: enable those to use",
        "the same page: API Key, and API Key Header",
        ServiceToken.AUTHORIZATION,
        names_header=True,
    ),
}


@frozen
class Setting:
    """One setting: its name, the value to enter, and where."""

    name: str
    value: str
    place: str


def settings_by_hand(environment: Environment, name: str, gatewright: str = NAME) -> tuple[Setting, ...]:
    """Base URL, models and token of the program `name`; `gatewright` is how a shell finds this one.

    Raises UsageError if the program reaches no model.
    """
    program = BY_HAND[name]
    client = _client(environment, name, program)
    if not client.models:
        message = f"{program.capabilities.title} reaches no model or route of {environment.name}"
        raise UsageError(message, "Enable a provider with Anthropic's API" if program.via == "provider" else None)
    endpoint = find_endpoints(environment, client).entries[0]  # such a program has one base URL
    return (
        Setting("base URL", endpoint.access.url, program.url),
        Setting("models", ", ".join(model.id for model in endpoint.models), program.models),
        _token(environment, client, program, gatewright),
    )


def _client(environment: Environment, name: str, program: ProgramByHand) -> Client:
    """The program as a client of the environment, with all models and routes that it reaches."""
    capabilities = program.capabilities
    models = [
        model
        for provider_name, provider in environment.providers.items()
        for model in listed_models(provider_name, provider, program.via, capabilities.speaks)
    ]
    is_shut_out = environment.gateway.access is not None and program.service_token is ServiceToken.NEVER
    return Client(
        program=name,
        primary=None,
        fallbacks=(),
        small=None,
        models=(*(RouteName(route) for route in environment.routes if capabilities.routes), *models),
        via=dict.fromkeys(environment.providers, program.via),
        keys="stored",
        token=None,
        variable="",
        provider=environment.gateway_name,
        version=None,
        capabilities=capabilities,
        domain=None if is_shut_out else environment.domain,
    )


def _token(environment: Environment, client: Client, program: ProgramByHand, gatewright: str) -> Setting:
    access = environment.gateway.access if client.domain else None
    if access is not None and program.service_token is ServiceToken.AUTHORIZATION:
        # Cloudflare's page on Xcode: the application reads both from Authorization
        value = json.dumps({name.lower(): f"${variable}" for name, variable in access.headers.items()})
        return Setting("token", value, f"{program.token} Authorization")
    remarks = [program.token + (f" {TOKEN_HEADER}" if program.names_header else "")]
    if access is not None:
        headers = " and ".join(f"{name}: ${variable}" for name, variable in access.headers.items())
        remarks.append(f"beside it the custom headers {headers}")
    if not environment.gateway.authenticated:
        return Setting("token", "any text: the gateway requires none", "; ".join(remarks))
    if not program.names_header:
        remarks.append("sent as Authorization: Bearer")
    if program.is_remote and any(token.from_ for token in environment.tokens.values()):
        remarks.append("requests come from its vendor's servers, so a token with `from` is refused")
    option = " --header" if program.names_header else ""
    commands = (f"{gatewright} token {environment.name} {name}{option}" for name in environment.tokens)
    return Setting("token", " or ".join(commands), "; ".join(remarks))
