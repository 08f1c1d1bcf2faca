"""Claude Code: a settings file for `claude --settings <file>`, which leaves the user's own alone (checked against
2.1.329).

It speaks Anthropic's messages alone: it reaches Anthropic's own endpoint behind the gateway, or Cloudflare's REST form,
and no route. Its file puts in no variables, so the credential stands in the shell: ANTHROPIC_AUTH_TOKEN is the
gateway's token; with `keys: local` ANTHROPIC_API_KEY is Anthropic's key and ANTHROPIC_CUSTOM_HEADERS holds
`cf-aig-authorization: Bearer <the token>`. Not apiKeyHelper: that sends its key twice, and the second goes upstream.
Source: the requests that 2.1.329 was seen to send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.endpoints import endpoints
from gatewright.clients.files import ClientFile
from gatewright.clients.variables import BEARER, holding
from gatewright.environment.abilities import Abilities
from gatewright.environment.references import ModelName
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.variables import Variable
    from gatewright.environment.references import RouteName
    from gatewright.environment.resolved import Client, Environment

ABILITIES = Abilities(
    title="Claude Code",
    routes=False,
    fallbacks=False,
    small=True,
    own=False,
    keyless_messages=True,
    needs_model=True,
    speaks=(Api.MESSAGES,),
    via=frozenset({"provider", "rest"}),
)

SCHEMA_URL = "https://json.schemastore.org/claude-code-settings.json"


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file of Claude Code: where it asks, and its models; the first one listed where none is chosen."""
    reached = endpoints(environment, client)
    endpoint, model = reached.find(_primary(client))
    variables = {
        "ANTHROPIC_BASE_URL": endpoint.access.url,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",  # what would go past the gateway
    }
    if endpoint.access.gateway_id:
        variables["ANTHROPIC_CUSTOM_HEADERS"] = f"cf-aig-gateway-id: {endpoint.access.gateway_id}"
    if isinstance(client.small, ModelName):
        variables["ANTHROPIC_DEFAULT_HAIKU_MODEL"] = reached.find(client.small)[1].id
    content: dict[str, Any] = {"$schema": SCHEMA_URL, "env": variables, "model": model.id}
    return [ClientFile("claude-code/settings.json", content, schema="claude-code")]


def variables(environment: Environment, client: Client) -> Iterator[Variable]:
    """By the names that Claude Code knows. Beside Anthropic's key the token is a header; where the gateway's id is one,
    which the file sets, there is no such key."""
    access = endpoints(environment, client).find(_primary(client))[0].access
    key, token = access.authorization, access.gateway_authorization
    if key is None or access.gateway_id is not None:
        alone = key or token
        if alone is not None:
            yield holding(environment, client, alone, "ANTHROPIC_AUTH_TOKEN")
        return
    yield holding(environment, client, key, "ANTHROPIC_API_KEY")
    if token is not None:
        yield holding(environment, client, token, "ANTHROPIC_CUSTOM_HEADERS", f"cf-aig-authorization: {BEARER}")


def _primary(client: Client) -> ModelName | RouteName:
    return client.primary if isinstance(client.primary, ModelName) else client.models[0]
