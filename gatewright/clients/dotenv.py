"""A dotenv file for own programs: what the SDKs of OpenAI and Anthropic read, and Cloudflare's own names.

The token is a reference, which python-dotenv and dotenv-expand fill in; its own variable must be set where they run.
Source: the SDKs' documentation of their variables, 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import endpoints
from gatewright.clients.variables import credential, holding
from gatewright.environment.capabilities import ClientCapabilities, Refusal
from gatewright.environment.references import OwnName
from gatewright.facts.slugs import SLUGS, Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.variables import Variable
    from gatewright.environment.resolved import Client, Environment


def _refuses(_: Environment, client: Client) -> Iterator[Refusal]:
    if client.primary is None and "gateway" not in client.via.values():
        message = "there is one OPENAI_BASE_URL, and each provider has another one"
        yield Refusal("", message, "Say which: primary: provider/model")


CAPABILITIES = ClientCapabilities(
    title="dotenv",
    fallbacks=False,
    own=False,
    two_credentials=False,
    speaks=(Api.CHAT,),
    via=frozenset({"gateway", "provider", "direct"}),
    refuses=_refuses,
)


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file: where the first choice is for OpenAI's SDK, by default the shared endpoint; Anthropic's own."""
    url, key, model = _openai(environment, client)
    variables = {
        "CLOUDFLARE_ACCOUNT_ID": environment.account,
        "CLOUDFLARE_AI_GATEWAY_NAME": environment.gateway_name,
        "OPENAI_BASE_URL": url,
    }
    if key is not None:
        variables["OPENAI_API_KEY"] = f"${{{key}}}"
    if model is not None:
        variables["OPENAI_MODEL"] = model
    if _has_anthropic(client):
        variables["ANTHROPIC_BASE_URL"] = f"{environment.gateway_url}/{SLUGS['anthropic'].anthropic}"
        if client.token is not None:
            variables["ANTHROPIC_AUTH_TOKEN"] = f"${{{client.variable}}}"
    return [ClientFile("dotenv/.env", variables, schema="dotenv")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """Those to which the file refers."""
    key = _openai(environment, client)[1]
    token = client.variable if client.token is not None and _has_anthropic(client) else None
    for name in dict.fromkeys((key, token)):
        if name is not None:
            yield holding(environment, client, name)


def _openai(environment: Environment, client: Client) -> tuple[str, str | None, str | None]:
    """Base URL, variable of the key, model."""
    if client.primary is None or isinstance(client.primary, OwnName):
        return f"{environment.gateway_url}/compat", client.variable if client.token is not None else None, None
    endpoint, model = endpoints(environment, client).find(client.primary)
    return endpoint.access.url, credential(endpoint.access), model.id


def _has_anthropic(client: Client) -> bool:
    """Whether Anthropic's SDK is to go through the gateway."""
    return client.via.get("anthropic", "direct") != "direct" and client.keys == "stored"
