"""The dotenv file."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.common.variables import Variable, reference, secret_variable
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import SLUGS


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file: the primary's endpoint for OpenAI's SDK (default: the shared endpoint), and Anthropic's own."""
    url, key, model = _openai(environment, client)
    content = {
        "CLOUDFLARE_ACCOUNT_ID": environment.account,
        "CLOUDFLARE_AI_GATEWAY_NAME": environment.gateway_name,
        "OPENAI_BASE_URL": url,
    }
    if key is not None:
        content["OPENAI_API_KEY"] = reference(key)
    if model is not None:
        content["OPENAI_MODEL"] = model
    if _has_anthropic(client):
        content["ANTHROPIC_BASE_URL"] = f"{environment.base_url(client.domain)}/{SLUGS['anthropic'].anthropic}"
        if client.token is not None:
            content["ANTHROPIC_AUTH_TOKEN"] = reference(client.variable)
    return [ClientFile("dotenv/.env", content, schema="dotenv")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The variables that the file refers to."""
    key = _openai(environment, client)[1]
    token = client.variable if client.token is not None and _has_anthropic(client) else None
    for name in (key, token):
        if name is not None:
            yield secret_variable(environment, client, name)


def _openai(environment: Environment, client: Client) -> tuple[str, str | None, str | None]:
    """Base URL, variable of the key, model."""
    if client.primary is None or isinstance(client.primary, OwnName):
        url = f"{environment.base_url(client.domain)}/compat"
        return url, client.variable if client.token is not None else None, None
    endpoint, model = find_endpoints(environment, client).find(client.primary)
    return endpoint.access.url, endpoint.access.credential, model.id


def _has_anthropic(client: Client) -> bool:
    """Whether Anthropic's SDK uses the gateway."""
    return client.via.get("anthropic", "direct") != "direct" and client.keys == "stored"
