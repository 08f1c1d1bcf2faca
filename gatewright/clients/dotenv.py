"""A dotenv file for own programs: what the SDKs of OpenAI and Anthropic read, and Cloudflare's own names.

The token is a reference, which python-dotenv and dotenv-expand fill in; its own variable must be set where they run.
Source: the SDKs' documentation of their variables, 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import ClientFile
from gatewright.clients.variables import holding
from gatewright.environment.abilities import Abilities
from gatewright.environment.references import OwnName
from gatewright.facts.slugs import SLUGS, Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.variables import Variable
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(
    title="dotenv",
    fallbacks=False,
    own=False,
    speaks=(Api.CHAT,),
    via=frozenset({"gateway"}),
    keys=frozenset({"stored"}),
)


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file: the shared endpoint for OpenAI's SDK, Anthropic's own for Anthropic's, and the default model."""
    variables = {
        "CLOUDFLARE_ACCOUNT_ID": environment.account,
        "CLOUDFLARE_AI_GATEWAY_NAME": environment.gateway_name,
        "OPENAI_BASE_URL": f"{environment.gateway_url}/compat",
    }
    token = f"${{{client.variable}}}"
    if client.token is not None:
        variables["OPENAI_API_KEY"] = token
    if client.primary is not None and not isinstance(client.primary, OwnName):
        variables["OPENAI_MODEL"] = endpoints(environment, client).find(client.primary)[1].id
    if "anthropic" in environment.providers:
        variables["ANTHROPIC_BASE_URL"] = f"{environment.gateway_url}/{SLUGS['anthropic'].anthropic}"
        if client.token is not None:
            variables["ANTHROPIC_AUTH_TOKEN"] = token
    return [ClientFile("dotenv/.env", variables, schema="dotenv")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """The token, to which the file refers."""
    if client.token is not None:
        yield holding(environment, client, client.variable)
