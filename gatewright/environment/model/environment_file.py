"""The environment's model: the source of what a file may say, of environment.schema.json, and of everything made from
it.

Facts and limits: Cloudflare's API as in its official Python client 5.9.0 and its documentation of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.clients import PROVIDER_NAME, ClientSettings
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.ignore import Ignore
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.model.routes import Route
from gatewright.environment.nodes import Node
from gatewright.environment.quantities import Duration, Quantity
from gatewright.environment.references import FromVariable, Key, Located, Name
from gatewright.environment.shapes.base import Exactly, JsonSchema, ListOf, OneOf, TableOf, When
from gatewright.environment.shapes.references import AccountReference, LocatedShape, NameShape, SecretReference
from gatewright.environment.shapes.scalars import BoolShape, DurationShape, Network, Number, QuantityShape, Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.environment.shapes.timestamps import Moment

MODEL_NAME = r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$"

FILE_NAME = Text("the name of a file of this folder", r"^(?!Pulumi\.)[^/\\\x00]+\.ya?ml$", 60)
LIMIT = QuantityShape(("requests", "tokens", "neurons", "USD"), "40 requests/minute")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs, in USD per million tokens."""

    input: float = setting(Number(least=0, fractions=True), "Per million tokens of the request.", default=0)
    output: float = setting(Number(least=0, fractions=True), "Per million tokens of the answer.", default=0)
    cache_read: float = setting(
        Number(least=0, fractions=True), "Per million tokens read from the provider's cache.", default=0
    )
    cache_write: float = setting(
        Number(least=0, fractions=True), "Per million tokens written to the provider's cache.", default=0
    )


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a provider, called provider/model everywhere else."""

    id: str | None = setting(
        Text("a model id, without spaces", r"^\S+$", one_line=True),
        "The provider's own id of the model; by default its name here.",
    )
    name: str | None = setting(Text(longest=120, one_line=True), "The name that clients show; by default the id.")
    reasoning: bool = setting(
        BoolShape(), "Whether the model thinks before it answers; clients then offer effort levels.", default=False
    )
    input: tuple[str, ...] = setting(
        ListOf(words("text", "image", "audio", "video"), least=1),
        "What the model reads; by default text alone.",
        default=("text",),
    )
    context: int | None = setting(Number(least=1, most=100_000_000), "The context window, in tokens.")
    output: int | None = setting(Number(least=1, most=100_000_000), "The longest answer, in tokens.")
    cost: Cost = setting(Section(Cost), "What it costs, in USD per million tokens; by default nothing.", default=Cost())
    unverified: bool = setting(BoolShape(), "Marks figures that nobody has proven.", default=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """An upstream provider: where it is reached, its key, its limits, its models."""

    key: Key | None = setting(
        SecretReference(as_key=True),
        "Its API key, by reference: {env: NAME}, {config: name}, {stored: true} (already in the Secrets Store), "
        "or `unified` (billed by Cloudflare). Workers AI needs none.",
    )
    base_url: str | None = setting(
        Text("an https URL", r"^https://[^\s/]+(/\S*)?$", one_line=True),
        "Where a provider that Cloudflare does not know is reached; it becomes a custom provider, which cannot "
        "stand in routes.",
    )
    direct: str | None = setting(
        Text("an https URL", r"^https://[^\s/]+(/\S*)?$", one_line=True),
        "The provider's own OpenAI-compatible base URL, for clients that go there without the gateway; {account} "
        "stands for the account's id.",
    )
    limits: tuple[Quantity, ...] = setting(
        ListOf(LIMIT), "What the provider allows: `14400 requests/day`, `500000 tokens/minute`.", default=()
    )
    terms: str | None = setting(
        Text(longest=500), "What the provider does with the prompts it gets (training, retention), for the inventory."
    )
    models: Mapping[str, Model] = setting(
        TableOf(Section(Model), "a model's name", MODEL_NAME, longest=120),
        "Its models, by the names that routes, roles and clients call them.",
        default={},
    )


@dataclass(frozen=True, slots=True)
class Role:
    """A first choice and what follows when it fails, done by the client; it may hold what a route cannot."""

    primary: Located[Name] = setting(
        NameShape(), "The first choice: provider/model, dynamic/route, or own:provider/model.", required=True
    )
    fallbacks: tuple[Located[Name], ...] = setting(ListOf(NameShape()), "What follows, in order.", default=())


@dataclass(frozen=True, slots=True)
class _PrimaryAlone:
    """A role written as a text: its primary, without fallbacks."""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Role | None:
        primary = NameShape().read(node, path, diagnostics)
        return Role(primary=primary) if primary else None

    def schema(self) -> JsonSchema:
        return NameShape().schema()


@dataclass(frozen=True, slots=True)
class Rotate:
    """A token's rotation by the calendar."""

    every: Duration = setting(
        DurationShape("1d", "365d", seconds=True),
        "How often a new one is made: the first `up` in each such slot of the calendar makes it. Nothing rotates "
        "without an `up`: one at least every `every` (or `lifetime` - `every`, where that is shorter) keeps a valid "
        "token there at every instant; after an early rotation or changed settings, one a day, and an overlap of a "
        "day.",
        required=True,
    )
    overlap: Duration = setting(
        DurationShape("1h", "365d", seconds=True),
        "How long the old one stays valid after its successor was created (longer while it is in use, never beyond "
        "its own end).",
        required=True,
    )
    lifetime: Duration | None = setting(
        DurationShape("1d", "1000d", seconds=True),
        "How long each is valid at most, from the beginning of its slot; by default twice every + overlap, never less "
        "than every + overlap.",
    )
    epoch: int = setting(
        Number(least=1, most=1_000_000),
        "Raised by one for an early rotation: `gatewright rotate` does it.",
        default=1,
    )


@dataclass(frozen=True, slots=True)
class Token:
    """An account API token. Tokens are scoped to an account, not to one gateway: Cloudflare knows nothing finer."""

    allow: tuple[str, ...] | None = setting(
        ListOf(Text("a permission's name"), least=1),
        "What it may do, by Cloudflare's own names (AI Gateway Run); by default what the clients bound to it need.",
    )
    from_: tuple[str, ...] = setting(
        ListOf(Network(), least=1),
        "The only addresses it is accepted from.",
        default=(),
        key="from",
        sent_as="condition.request_ip.in",
    )
    not_from: tuple[str, ...] = setting(
        ListOf(Network(), least=1), "Addresses it is refused from.", default=(), sent_as="condition.request_ip.not_in"
    )
    not_before: str | None = setting(
        Moment(),
        "The moment from which it is valid, to the second, UTC.",
        sent_as="not_before",
    )
    expires: str | None = setting(
        Moment(),
        "The moment it ends, to the second, UTC.",
        sent_as="expires_on",
    )
    rotate: Rotate | Literal[False] | None = setting(
        OneOf(
            (Exactly(written=False, meaning=False), Section(Rotate, whole=True)), "false, or {every: 30d, overlap: 7d}"
        ),
        "Its rotation; without it the token stays until it expires. false ends a rotation: the newest token stays, and "
        "does not end any more. To leave the setting out instead would revoke them all in favour of a new one.",
    )


@dataclass(frozen=True, slots=True)
class Local:
    """The Cloudflare on this machine, as `local: {port: N}`."""

    port: int = setting(Number(least=1024, most=65535), "The port it listens on, on 127.0.0.1.", default=8788)


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """An environment of gatewright: one file, merged over what it extends."""

    extends: Any = setting(
        OneOf(
            (
                When(str, FILE_NAME),
                When(list, ListOf(FILE_NAME, least=1)),
            ),
            "a file's name or a list of them",
        ),
        "The file or files of this folder that this one is laid over.",
    )
    account: str | FromVariable | None = setting(
        AccountReference(),
        "The Cloudflare account: its id (no secret), or {env: NAME}. A file with it is an environment.",
    )
    local: Local | None = setting(
        OneOf((Exactly(written=True, meaning=Local()), Section(Local)), "true, or {port: N}"),
        "Uses the Cloudflare on this machine, with a fake account and fake keys, and ignores CLOUDFLARE_* of the "
        "shell. A file with it is an environment.",
    )
    protect: bool = setting(BoolShape(), "Whether Pulumi refuses to delete the gateway.", default=True)
    use: tuple[Located[str], ...] | None = setting(
        ListOf(LocatedShape(Text("a provider's name", PROVIDER_NAME))),
        "The providers this environment has; models of the others drop out of routes, roles and clients. By "
        "default all.",
    )
    providers: Mapping[str, Provider] = setting(
        TableOf(Section(Provider), "a provider's name", PROVIDER_NAME),
        "The upstream providers, by Cloudflare's slugs, or by any name with a baseUrl.",
        default={},
    )
    routes: Mapping[str, Route] = setting(
        TableOf(RouteShape()), "Routes run by Cloudflare, called dynamic/<route>: a list is tried in order.", default={}
    )
    roles: Mapping[str, Role] = setting(
        TableOf(OneOf((_PrimaryAlone(), Section(Role, whole=True)), "a model's name, or {primary, fallbacks}")),
        "Choices done by the client: primary and fallbacks; a text is the primary.",
        default={},
    )
    gateway: Gateway = setting(Section(Gateway), "The AI Gateway itself.", default=Gateway())
    tokens: Mapping[str, Token] = setting(TableOf(Section(Token)), "Scoped account tokens, by name.", default={})
    clients: Mapping[str, ClientSettings] = setting(
        TableOf(Section(ClientSettings)), "The programs that get config files, by their names.", default={}
    )
    ignore: tuple[Ignore, ...] = setting(
        ListOf(Section(Ignore)),
        "Drift that is known and accepted for a while; `gatewright drift` shows it so.",
        default=(),
    )
