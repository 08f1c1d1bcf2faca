"""Claude Code: a settings file for `claude --settings <file>` beside the user's own (checked against 2.1.332).

It speaks only Anthropic's Messages API: it reaches Anthropic's endpoint, behind the gateway or directly, or the REST
API of Cloudflare, and no route. Its fallbacks answer when the primary is overloaded or unavailable. Its roles are the
models that it calls opus, sonnet, haiku and fable, and the model of its subagents.
Source: the requests that 2.1.332 sends.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.endpoints import first_model
from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_other_endpoints
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata, Refusal
from gatewright.environment.references import ModelName, Name
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

SUBAGENTS = "subagents"
SLOTS = {
    **{name: f"ANTHROPIC_DEFAULT_{name.upper()}_MODEL" for name in ("opus", "sonnet", "haiku", "fable")},
    SUBAGENTS: "CLAUDE_CODE_SUBAGENT_MODEL",
}
"""The variable of each role's model."""


def chosen_models(client: Client) -> Iterator[tuple[str, Name]]:
    """The settings that choose a model, with their models, the primary first."""
    yield "primary", first_model(client)
    yield from (("fallbacks", name) for name in client.fallbacks)
    if client.small is not None:
        yield "small", client.small
    yield from ((f"agents.{name}", agent.primary) for name, agent in client.agents.items())


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    """Claude Code has one base URL, and its small model is haiku."""
    haiku = client.agents.get("haiku")
    if haiku is not None and client.small is not None and haiku.primary != client.small:
        message = f"Claude Code uses its haiku model as the small model, and agents.haiku is {haiku.primary}"
        yield Refusal("small", message, "Remove one: small, or agents.haiku")
    if (client.metadata or client.options.options()) and client.keys == "local" and client.token is not None:
        setting = "metadata" if client.metadata else "keys"
        message = "Claude Code sends the token of keys: local in ANTHROPIC_CUSTOM_HEADERS, which {} would replace"
        other = "metadata" if client.metadata else "the headers of its request options"
        yield Refusal(setting, message.format(other), f"Remove {other}, or keys: local")
    if client.credential == "helper" and client.via.get(_provider_of(client)) == "direct":
        message = "Claude Code's requests past the gateway carry the provider's key, not the token"
        yield Refusal("credential", message, "Remove credential, or via: direct")
    yield from refuse_other_endpoints(environment, client, chosen_models(client))


def _provider_of(client: Client) -> str:
    name = first_model(client)
    return name.provider if isinstance(name, ModelName) else ""


CAPABILITIES = ClientCapabilities(
    title="Claude Code",
    metadata=Metadata(),
    checked="2.1.332",
    oldest="2.1",
    routes=False,
    small=True,
    own=False,
    agents=Agents("model slots", names=tuple(SLOTS)),
    keyless_messages=True,
    credentials={"helper": "2.1"},
    speaks=(Api.MESSAGES,),
    via=frozenset({"provider", "rest", "direct"}),
    refuses=_refuse,
)
PROGRAM = Program(
    "claude",
    "@anthropic-ai/claude-code (npm)",
    precedence=Precedence(
        settings=(
            "`managed-settings.json` of the machine",
            "{installed}",
            "`.claude/settings.local.json`, then `.claude/settings.json` of the project",
            "`~/.claude/settings.json`",
            "the shell",
        ),
        credential=(
            "a token in `env` of any of these files",
            "{variable} in the shell",
            "`apiKeyHelper`; with `credential: helper`, that of the file, which empties the variable",
        ),
    ),
    quiet={"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
)
