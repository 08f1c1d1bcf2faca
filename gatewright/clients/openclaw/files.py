"""openclaw.json, as a patch for the user's own file: providers, the default model, and an agent for each role."""

from __future__ import annotations

import re
from typing import Any

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import TOKEN_HEADER, Access, Endpoint, Endpoints, find_endpoints
from gatewright.clients.common.helper import asks_command, helper_arguments
from gatewright.clients.common.model_entries import PI_APIS, pi_entry
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import bearer_reference, reference, variables_in_file
from gatewright.environment.capabilities import version_tuple
from gatewright.environment.references import Name
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

variables = variables_in_file
_ENTRIES_SINCE = (2026, 9)  # agents.entries, a mapping; earlier versions have agents.list
_MAX_NAME = 64  # of a secret provider
_PASSED = ("HOME", "PATH", "XDG_STATE_HOME", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
_TIMEOUT = 30_000  # milliseconds; OpenClaw's 5,000 may be too short for a stack that is opened
_VARIABLE = re.compile(r"\$(?=\{[A-Z][A-Z0-9_]*\})")

# OpenClaw treats an unknown address as OpenAI's and would send parameters that other providers refuse.
_COMPAT = {"supportsStore": False, "supportsDeveloperRole": False, "maxTokensField": "max_tokens"}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file."""
    endpoints = find_endpoints(environment, client)
    content: dict[str, Any] = {
        "models": {
            "mode": "merge",
            "providers": {endpoint.id: _provider(client, endpoint) for endpoint in endpoints.entries},
        }
    }
    asked = [endpoint.access for endpoint in endpoints.entries if asks_command(client, endpoint.access)]
    if asked:
        content["secrets"] = {
            "providers": {_secret_provider(client, access): _command(environment, client, access) for access in asked}
        }
    agents: dict[str, Any] = {}
    if client.primary is not None:
        agents["defaults"] = {"model": _choice(endpoints, client.primary, client.fallbacks)}
    roles = {
        role: {"model": _choice(endpoints, agent.primary, agent.fallbacks, role)}
        for role, agent in client.agents.items()
    }
    if roles and client.version is not None and version_tuple(client.version) < _ENTRIES_SINCE:
        agents["list"] = [{"id": "main", "default": True}, *({"id": role, **agent} for role, agent in roles.items())]
    elif roles:
        agents = _with_entries(agents, roles)
    if agents:
        content["agents"] = agents
    return [ClientFile("openclaw.json", content, schema="openclaw")]


def _with_entries(agents: dict[str, Any], roles: dict[str, Any]) -> dict[str, Any]:
    """Beside other agents, the user's own agent `main` must be declared, and declared as the owner of tasks without an
    agent, as `openclaw doctor --fix` does it."""
    owner = {"heartbeat": {"agentId": "main"}, "systemAgent": {"agentId": "main"}}
    return {
        "ownership": "explicit",
        "defaults": {**agents.get("defaults", {}), **owner},
        "entries": {"main": {"workspace": "~/.openclaw/workspace"}, **roles},
    }


def _secret_provider(client: Client, access: Access) -> str:
    """The name of a command among the secret providers: one whose answer is a whole header, or the token alone."""
    suffix = "-key" if access.authorization else ""
    return f"aig-{client.provider}"[: _MAX_NAME - len(suffix)] + suffix


def _command(environment: Environment, client: Client, access: Access) -> dict[str, Any]:
    """A secret provider: a program by its absolute path, without a shell; `install` makes the path absolute."""
    command, *arguments = helper_arguments(environment, client, *(() if access.authorization else ("--header",)))
    return {
        "source": "exec",
        "command": _escape(command),
        "args": [_escape(argument) for argument in arguments],
        "passEnv": list(_PASSED),
        "jsonOnly": False,  # the program prints the value alone
        "timeoutMs": _TIMEOUT,
    }


def _secret(client: Client, access: Access) -> dict[str, str]:
    return {"source": "exec", "provider": _secret_provider(client, access), "id": "token"}


def _provider(client: Client, endpoint: Endpoint) -> dict[str, Any]:
    access = endpoint.access
    provider: dict[str, Any] = {"baseUrl": access.url, "api": PI_APIS[access.api]}
    if access.authorization:  # without apiKey OpenClaw sends no Authorization
        is_asked = asks_command(client, access)
        provider["apiKey"] = _secret(client, access) if is_asked else reference(access.authorization)
    headers: dict[str, Any] = access.headers(bearer_reference)  # `request.auth` would lose the blank after Bearer
    if asks_command(client, access) and TOKEN_HEADER in headers:
        headers[TOKEN_HEADER] = _secret(client, access)
    if headers:
        provider["headers"] = headers
    return {**provider, "models": [_model(model, access.api) for model in endpoint.models]}


def _model(model: ListedModel, api: Api) -> dict[str, Any]:
    entry = pi_entry(model) | {"id": _escape(model.id), "name": _escape(model.name)}
    return entry | {"compat": dict(_COMPAT)} if api is Api.CHAT else entry


def _choice(endpoints: Endpoints, primary: Name, fallbacks: tuple[Name, ...], role: str = "") -> dict[str, Any]:
    choice: dict[str, Any] = {"primary": _escape(endpoints.reference(primary, role))}
    if fallbacks:
        choice["fallbacks"] = [_escape(endpoints.reference(name, role)) for name in fallbacks]
    return choice


def _escape(text: str) -> str:
    """OpenClaw substitutes variables in every text of its file; a doubled dollar stands for itself."""
    return _VARIABLE.sub("$$", text)
