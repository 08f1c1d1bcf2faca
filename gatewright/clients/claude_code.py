"""Claude Code: a settings file for `claude --settings <file>`, which leaves the user's own alone (checked against
2.1.329).

It speaks Anthropic's messages alone: it reaches Anthropic's own endpoint behind the gateway or without it, or
Cloudflare's REST form, and no route. What follows its first choice answers where that one is overloaded or not there.
Its roles are the models that it calls opus, sonnet, haiku, fable, and the one of its subagents. Its file puts in no
variables, so the credential stands in the shell: ANTHROPIC_AUTH_TOKEN is the gateway's token; with `keys: local`
ANTHROPIC_API_KEY is Anthropic's key and ANTHROPIC_CUSTOM_HEADERS holds `cf-aig-authorization: Bearer <the token>`. Not
apiKeyHelper: that sends its key twice, and the second goes upstream.
Source: the requests that 2.1.329 was seen to send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients.client_file import ClientFile
from gatewright.clients.endpoints import at_one_address, endpoints
from gatewright.clients.model_info import least
from gatewright.clients.variables import BEARER, holding
from gatewright.environment.capabilities import Agents, ClientCapabilities, Refusal
from gatewright.environment.references import ModelName
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.clients.model_info import Listed
    from gatewright.clients.variables import Variable
    from gatewright.environment.references import Name, RouteName
    from gatewright.environment.resolved import Client, Environment

_SLOTS = {
    **{name: f"ANTHROPIC_DEFAULT_{name.upper()}_MODEL" for name in ("opus", "sonnet", "haiku", "fable")},
    "subagents": "CLAUDE_CODE_SUBAGENT_MODEL",
}


_WINDOW, _OUTPUT = "CLAUDE_CODE_MAX_CONTEXT_TOKENS", "CLAUDE_CODE_MAX_OUTPUT_TOKENS"


def _chosen(client: Client) -> Iterator[tuple[str, Name]]:
    """The models by their settings, the first choice first."""
    yield "primary", _primary(client)
    yield from (("fallbacks", name) for name in client.fallbacks)
    if client.small is not None:
        yield "small", client.small
    yield from ((f"agents.{name}", each.primary) for name, each in client.agents.items())


def _refuses(environment: Environment, client: Client) -> Iterator[Refusal]:
    """One base URL, and one model for haiku, which is what does small work."""
    haiku = client.agents.get("haiku")
    if haiku is not None and client.small is not None and haiku.primary != client.small:
        message = f"Claude Code calls its small model haiku, and that is to be {haiku.primary} too"
        yield Refusal("small", message, "Remove one: small, or agents.haiku")
    yield from at_one_address(environment, client, _chosen(client))


CAPABILITIES = ClientCapabilities(
    title="Claude Code",
    checked="2.1.329",
    oldest="2.1",
    routes=False,
    small=True,
    own=False,
    agents=Agents("model slots", names=tuple(_SLOTS)),
    keyless_messages=True,
    speaks=(Api.MESSAGES,),
    via=frozenset({"provider", "rest", "direct"}),
    refuses=_refuses,
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
    variables |= _figures([reached.find(name)[1] for _, name in _chosen(client) if isinstance(name, ModelName)])
    slots: dict[str, Name] = {name: each.primary for name, each in client.agents.items()}
    if client.small is not None:
        slots["haiku"] = client.small
    variables |= {_SLOTS[name]: reached.find(each)[1].id for name, each in slots.items() if isinstance(each, ModelName)}
    content: dict[str, Any] = {"$schema": SCHEMA_URL, "env": variables, "model": model.id}
    if fallbacks := [reached.find(name)[1].id for name in client.fallbacks if isinstance(name, ModelName)]:
        content["fallbackModel"] = fallbacks
    return [ClientFile("claude-code/settings.json", content, schema="claude-code")]


def _figures(models: Sequence[Listed]) -> dict[str, str]:
    """It has one window for all models that it does not know, and one limit of what they answer, 32,000 tokens else:
    the least of what is known."""
    found = {_WINDOW: least(model.context for model in models), _OUTPUT: least(model.output for model in models)}
    return {name: str(figure) for name, figure in found.items() if figure is not None}


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
        prefix = f"cf-aig-authorization: {BEARER}"
        yield holding(environment, client, token, "ANTHROPIC_CUSTOM_HEADERS", prefix, line=True)


def unwanted(environment: Environment, client: Client) -> dict[str, str]:
    """Claude Code sends both credentials where both are set, and the gateway passes the second one on; of headers it
    sends the file's alone where that has some."""
    access = endpoints(environment, client).find(_primary(client))[0].access
    keys = access.authorization is not None and access.gateway_id is None
    other = "ANTHROPIC_AUTH_TOKEN" if keys else "ANTHROPIC_API_KEY"
    found = {other: "Claude Code would send it too, and the provider would get it"}
    if access.gateway_id is not None:
        found["ANTHROPIC_CUSTOM_HEADERS"] = "settings.json has headers of its own, which win"
    return found


def _primary(client: Client) -> ModelName | RouteName:
    return client.primary if isinstance(client.primary, ModelName) else client.models[0]
