"""A client as a file declares it: a program, and the part of the environment that it uses."""

from __future__ import annotations

from collections.abc import Mapping

from gatewright.environment.model.gateway_domains import ENDPOINT
from gatewright.environment.model.request_options import RequestOptions
from gatewright.environment.references import CLIENT_VARIABLE, Located, MetadataValue, Name
from gatewright.environment.shapes.agents import AGENTS
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf
from gatewright.environment.shapes.metadata import MetadataShape
from gatewright.environment.shapes.references import CLIENT_VARIABLE_NAME, NameShape
from gatewright.environment.shapes.scalars import Text, words
from gatewright.environment.shapes.sections import setting
from gatewright.frozen import frozen

PROVIDER_NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
VIA = words("gateway", "provider", "rest", "direct")


@frozen
class ClientSettings(RequestOptions):
    """A program that uses the gateway, and its settings."""

    role: str | None = setting(Text("a role's name"), "The role whose primary and fallbacks the client uses.")
    primary: Located[Name] | None = setting(
        NameShape(), "The model that is tried first: provider/model, dynamic/route, or own:provider/model."
    )
    fallbacks: tuple[Located[Name], ...] | None = setting(
        ListOf(NameShape()), "The models that are tried after the primary, for clients that support fallbacks."
    )
    small: Located[Name] | None = setting(
        NameShape(), "The model for titles and other small tasks, for clients that have such a setting."
    )
    agents: Mapping[str, Located[str | Name]] = setting(
        AGENTS,
        "Further roles of the client, as its agents, profiles, aliases or model slots: a list of roles, or a mapping "
        "from the client's own names to roles or models.",
        default={},
    )
    models: tuple[Located[Name], ...] | None = setting(
        ListOf(NameShape(own=False), least=1),
        "The models and routes that the client lists; default all that it can reach.",
    )
    via: str | Mapping[str, str] | None = setting(
        OneOf(
            (VIA, TableOf(VIA, "a provider's name", PROVIDER_NAME)),
            "gateway, provider, rest, direct, or a mapping from providers to one of them",
        ),
        "The endpoint of the models: `gateway` (one OpenAI-compatible endpoint for all providers), `provider` (the "
        "provider's own endpoint behind the gateway), `rest` (Cloudflare's newer REST endpoint) or `direct` (without "
        "the gateway); or a mapping from providers to one of them. Default `gateway.via`, otherwise `gateway`, or "
        "`provider` for programs that do not support that endpoint. Routes are called at the endpoint `gateway`; "
        "`dynamic: rest` in the mapping calls them by REST, which Cloudflare's pages disagree about.",
    )
    endpoint: str | None = setting(
        ENDPOINT,
        "The gateway's address: `cloudflare`, `domain`, or the host name of one of `gateway.domains`; default "
        "`gateway.endpoint`. Cloudflare's REST endpoint (`via: rest`) has no custom domains.",
    )
    keys: str = setting(
        words("stored", "local"),
        "Which provider keys are used: `stored` at Cloudflare, or the user's own, which the client sends (`local`).",
        default="stored",
    )
    token: str | None = setting(
        Text("a token's name"), "The token that the client authenticates with; default the only one."
    )
    variable: str = setting(
        Text(CLIENT_VARIABLE_NAME, CLIENT_VARIABLE),
        "The environment variable that holds the token where the client runs.",
        default="CLOUDFLARE_AI_GATEWAY_TOKEN",
    )
    credential: str = setting(
        words("helper", "variable", "file"),
        "Where the client takes its token from: `variable`, which it reads at its start; `helper`, the command "
        "`gatewright token`, which it runs again, so that a rotation needs no restart; or `file`, which only you can "
        "read and `gatewright refresh` writes. `helper` and `file` need the project on the client's machine, and "
        "`gatewright install` there.",
        default="variable",
    )
    provider: str | None = setting(
        Text("a name of lower-case letters, digits and hyphens", PROVIDER_NAME, 64),
        "The provider id that the client shows; default the gateway's name, so that one file can hold several "
        "environments.",
    )
    version: str | None = setting(
        Text("a version like 2026.9.6", r"^[0-9]{1,9}(\.[0-9]{1,9}){0,5}$"),
        "The version of the program where it runs. Settings that it does not support are written in another form, or "
        "are an error. Default the newest version.",
    )
    metadata: Mapping[str, MetadataValue] = setting(
        MetadataShape(),
        "What the client adds to each request as cf-aig-metadata, for routes, spend limits and logs: at most five "
        "texts, numbers or booleans; {env: NAME} for a variable that the client reads, {role: true} for the name of "
        "the agent or profile, which requests without one leave out. Clients set it themselves: it proves nothing.",
        default={},
    )
