"""The settings file of Claude Code, and the variables that hold its credentials.

The file substitutes no variables, so the credential is in the shell: ANTHROPIC_AUTH_TOKEN is the gateway's token; with
`keys: local`, ANTHROPIC_API_KEY is Anthropic's key and ANTHROPIC_CUSTOM_HEADERS holds `cf-aig-authorization: Bearer
<token>`. With `credential: helper`, apiKeyHelper prints the token; Claude Code sends it in Authorization and, unless a
custom header replaces it, in x-api-key, which the gateway would forward to Anthropic (tried with 2.1.332). Otherwise
apiKeyHelper is empty, because a key of the user's helper would be sent to Cloudflare in a second header. The
file beats the user's and the project's settings, but not a token in them, which beats the shell (tried with 2.1.329).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatewright.clients.claude_code import SLOTS, chosen_models
from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import TOKEN_HEADER, Access, find_endpoints, first_model
from gatewright.clients.common.helper import asks_command, helper_line
from gatewright.clients.common.model_entries import known
from gatewright.clients.common.model_info import least
from gatewright.clients.common.variables import BEARER, Variable, secret_variable
from gatewright.environment.references import ModelName, Name
from gatewright.environment.resolved import Client, Environment

_NO_KEY = {"x-api-key": ""}
SCHEMA_URL = "https://json.schemastore.org/claude-code-settings.json"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file: the base URL and the models; without a primary, the first one listed."""
    endpoints = find_endpoints(environment, client)
    endpoint, primary = endpoints.find(first_model(client))
    asks_helper = asks_command(client, endpoint.access)
    env = {
        "ANTHROPIC_BASE_URL": endpoint.access.url,
        "ANTHROPIC_MODEL": primary.id,  # one in the user's settings would beat `model`
        _unused_credential(endpoint.access): "",  # one of the user would be sent too
        **({"ANTHROPIC_AUTH_TOKEN": ""} if asks_helper else {}),  # it would beat the helper
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",  # it would bypass the gateway
    }
    if headers := {**(_NO_KEY if asks_helper else {}), **endpoint.access.fixed_headers}:
        env["ANTHROPIC_CUSTOM_HEADERS"] = "\n".join(f"{name}: {value}" for name, value in headers.items())
    chosen = [endpoints.find(name)[1] for _, name in chosen_models(client) if isinstance(name, ModelName)]
    # one context window for all models that Claude Code does not know, and one limit for answers (default: 32,000)
    sizes = known(
        CLAUDE_CODE_MAX_CONTEXT_TOKENS=least(model.context for model in chosen),
        CLAUDE_CODE_MAX_OUTPUT_TOKENS=least(model.output for model in chosen),
    )
    env |= {name: str(size) for name, size in sizes.items()}
    slots: dict[str, Name] = {name: agent.primary for name, agent in client.agents.items()}
    if client.small is not None:
        slots["haiku"] = client.small
    env |= {SLOTS[slot]: endpoints.find(name)[1].id for slot, name in slots.items() if isinstance(name, ModelName)}
    helper = helper_line(environment, client) if asks_helper else ""
    content: dict[str, Any] = {"$schema": SCHEMA_URL, "env": env, "apiKeyHelper": helper, "model": primary.id}
    if fallbacks := [endpoints.find(name)[1].id for name in client.fallbacks if isinstance(name, ModelName)]:
        content["fallbackModel"] = fallbacks
    return [ClientFile("claude-code/settings.json", content, schema="claude-code")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """By Claude Code's names. Beside Anthropic's key the token is a header."""
    access = _access(environment, client)
    key, token = access.authorization, access.gateway_authorization
    if not _has_provider_key(access):
        if access.credential is not None:
            yield secret_variable(environment, client, access.credential, "ANTHROPIC_AUTH_TOKEN")
        return
    if key is not None:
        yield secret_variable(environment, client, key, "ANTHROPIC_API_KEY")
    if token is not None:
        prefix = f"{TOKEN_HEADER}: {BEARER}"
        yield secret_variable(environment, client, token, "ANTHROPIC_CUSTOM_HEADERS", prefix, is_line=True)


def conflicting_variables(environment: Environment, client: Client) -> dict[str, str]:
    """Claude Code sends both credentials if both are set, and the gateway forwards the second. Headers in the file
    replace those of the variable."""
    access = _access(environment, client)
    conflicts = {_unused_credential(access): "Claude Code would send it too, and the provider would receive it"}
    if asks_command(client, access):
        conflicts |= {"ANTHROPIC_AUTH_TOKEN": "settings.json has a command that prints the token"}
    if access.fixed_headers or asks_command(client, access):
        conflicts["ANTHROPIC_CUSTOM_HEADERS"] = "the headers in settings.json replace it"
    return conflicts


def chosen_ids(environment: Environment, client: Client) -> tuple[str, ...]:
    """The ids of all models that the settings choose."""
    endpoints = find_endpoints(environment, client)
    names = dict.fromkeys(name for _, name in chosen_models(client) if isinstance(name, ModelName))
    return tuple(dict.fromkeys(endpoints.find(name)[1].id for name in names))


def sent_credential(environment: Environment, client: Client) -> str:
    """The variable with the credential that Claude Code sends."""
    return "ANTHROPIC_API_KEY" if _has_provider_key(_access(environment, client)) else "ANTHROPIC_AUTH_TOKEN"


def _unused_credential(access: Access) -> str:
    return "ANTHROPIC_AUTH_TOKEN" if _has_provider_key(access) else "ANTHROPIC_API_KEY"


def _access(environment: Environment, client: Client) -> Access:
    return find_endpoints(environment, client).find(first_model(client))[0].access


def _has_provider_key(access: Access) -> bool:
    return access.authorization is not None and access.gateway_id is None  # on the REST API it is the token
