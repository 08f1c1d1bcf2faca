"""A client as a file declares it: the program, and what of the environment it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.environment.references import CLIENT_VARIABLE, Located, Name
from gatewright.environment.shapes.agents import AGENTS
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf, When
from gatewright.environment.shapes.references import CLIENT_VARIABLE_NAME, NameShape
from gatewright.environment.shapes.scalars import Text, words
from gatewright.environment.shapes.sections import setting

PROVIDER_NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
VIA = words("gateway", "provider", "rest", "direct")


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """A program that uses the gateway, and what of it the program gets."""

    role: str | None = setting(
        Text("a role's name"), "The role whose first choice and fallbacks the client takes over."
    )
    primary: Located[Name] | None = setting(
        NameShape(), "The first choice: provider/model, dynamic/route, or own:provider/model."
    )
    fallbacks: tuple[Located[Name], ...] | None = setting(
        ListOf(NameShape()), "What follows when the first choice fails, for clients that can."
    )
    small: Located[Name] | None = setting(
        NameShape(), "The model for titles and other small work, for clients that have a place for one."
    )
    agents: Mapping[str, Located[str | Name]] = setting(
        AGENTS,
        "The roles that it gets beside its first choice, as what it has for them (agents, profiles, aliases, model "
        "slots): a list of roles, or a mapping from the client's own names to roles or models.",
        default={},
    )
    models: tuple[Located[Name], ...] | None = setting(
        ListOf(NameShape(own=False), least=1),
        "The models and routes it lists; by default all that it can reach.",
    )
    via: str | Mapping[str, str] | None = setting(
        OneOf(
            (When(str, VIA), When(dict, TableOf(VIA, "a provider's name", PROVIDER_NAME))),
            "gateway, provider, rest, direct, or a mapping from providers to one of them",
        ),
        "The way to the models: `gateway` (one OpenAI-compatible endpoint for all), `provider` (the provider's "
        "own endpoint behind the gateway), `rest` (Cloudflare's newer REST form) or `direct` (without the "
        "gateway); or a mapping from providers to one of them. By default `gateway`, and `provider` for programs that "
        "do not speak that endpoint.",
    )
    keys: str = setting(
        words("stored", "local"),
        "Whose provider keys: `stored` at Cloudflare, or `local`, the user's own in request headers.",
        default="stored",
    )
    token: str | None = setting(Text("a token's name"), "The token it authenticates with; by default the only one.")
    variable: str = setting(
        Text(CLIENT_VARIABLE_NAME, CLIENT_VARIABLE),
        "The environment variable that holds the token where the client runs.",
        default="CLOUDFLARE_AI_GATEWAY_TOKEN",
    )
    provider: str | None = setting(
        Text("a name of lower-case letters, digits and hyphens", PROVIDER_NAME, 64),
        "The id that the client shows; by default the gateway's name, so that two environments live in one file.",
    )
    version: str | None = setting(
        Text("a version like 2026.9.6", r"^[0-9]{1,9}(\.[0-9]{1,9}){0,5}$"),
        "The version of the program where it runs: what it does not understand is written otherwise, or refused; by "
        "default the newest.",
    )
