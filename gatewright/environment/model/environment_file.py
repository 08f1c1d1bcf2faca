"""The model of an environment file. The reader, environment.schema.json and all output are derived from it.

Facts and limits: Cloudflare's API as in its official Python client 5.9.0, and its documentation of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.catalog import Provider
from gatewright.environment.model.clients import PROVIDER_NAME, ClientSettings
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.ignore import Ignore
from gatewright.environment.model.request_options import RequestOptions
from gatewright.environment.model.rotation import Rotate
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.model.routes import Route
from gatewright.environment.nodes import Node
from gatewright.environment.references import FromVariable, Located, Name
from gatewright.environment.shapes.base import Exactly, JsonSchema, ListOf, OneOf, TableOf
from gatewright.environment.shapes.references import (
    AccountReference,
    LocatedShape,
    NameShape,
    VariableReference,
)
from gatewright.environment.shapes.scalars import BoolShape, Network, Number, Text
from gatewright.environment.shapes.sections import Section, setting
from gatewright.environment.shapes.timestamps import Timestamp
from gatewright.frozen import frozen

CATALOG_NAME = "gatewright:catalog"
"""The shipped catalog in `extends`."""
FILE_NAME = Text(
    f"the name of a file in this folder, or {CATALOG_NAME}",
    rf"^((?!Pulumi\.)[^/\\\x00]+\.ya?ml|{CATALOG_NAME})$",
    60,
)


@frozen
class Role(RequestOptions):
    """A primary and its fallbacks, which the client runs. It may name models that a route cannot."""

    primary: Located[Name] = setting(
        NameShape(),
        "The model that is tried first: provider/model, dynamic/route, or own:provider/model.",
        required=True,
    )
    fallbacks: tuple[Located[Name], ...] = setting(
        ListOf(NameShape()), "The models that are tried after the primary, in order.", default=()
    )


@frozen
class _PrimaryOnly:
    """A role written as a string: its primary, without fallbacks."""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Role | None:
        primary = NameShape().read(node, path, diagnostics)
        return Role(primary=primary) if primary else None

    def schema(self) -> JsonSchema:
        return NameShape().schema()


@frozen
class Token:
    """An account API token. Cloudflare scopes tokens to an account, not to a gateway."""

    allow: tuple[str, ...] | None = setting(
        ListOf(Text("a permission's name"), least=1),
        "The token's permissions, by Cloudflare's names (AI Gateway Run); default those that its clients need.",
    )
    from_: tuple[str, ...] = setting(
        ListOf(Network(), least=1),
        "The only addresses that may use the token.",
        default=(),
        key="from",
        sent_as="condition.request_ip.in",
    )
    not_from: tuple[str, ...] = setting(
        ListOf(Network(), least=1),
        "Addresses that may not use the token.",
        default=(),
        sent_as="condition.request_ip.not_in",
    )
    not_before: str | None = setting(
        Timestamp(),
        "When the token becomes valid: a timestamp to the second in UTC, or a date (00:00 UTC).",
        sent_as="not_before",
    )
    expires: str | None = setting(
        Timestamp(),
        "When the token expires: a timestamp to the second in UTC, or a date (00:00 UTC). Without it and without a "
        "rotation the token expires at the end of next year, and the first up of each year prolongs it.",
        sent_as="expires_on",
    )
    rotate: Rotate | Literal[False] | None = setting(
        OneOf(
            (Exactly(written=False, meaning=False), Section(Rotate, whole=True)), "false, or {every: 30d, overlap: 7d}"
        ),
        "The token's rotation; without it the token stays until it expires. false ends a rotation: the newest token "
        "stays, and expires as one that does not rotate. Removing the setting instead revokes all tokens in favor of "
        "a new one.",
    )


@frozen
class Local:
    """The local Cloudflare, as `local: {port: N}`."""

    port: int = setting(
        Number(least=1024, most=65535),
        "The port on 127.0.0.1. One server listens on the ports of all local environments.",
        default=8788,
    )


@frozen
class EnvironmentFile:
    """An environment of gatewright: one file, merged over the files it extends."""

    extends: Any = setting(
        OneOf(
            (FILE_NAME, ListOf(FILE_NAME, least=1)),
            "a file's name or a list of them",
        ),
        f"The file or files in this folder that this file extends, or {CATALOG_NAME}, the catalog of providers and "
        "models that gatewright ships. Later files override earlier ones.",
    )
    account: str | FromVariable | None = setting(
        AccountReference(),
        "The Cloudflare account: its id (not a secret), or {env: NAME}. A file with an account is an environment.",
    )
    deploy: FromVariable | None = setting(
        VariableReference(),
        "The variable that holds the deploying token, {env: NAME}; default CLOUDFLARE_API_TOKEN. With a variable for "
        "each environment, one command deploys several accounts, each with its own token.",
    )
    local: Local | None = setting(
        OneOf((Exactly(written=True, meaning=Local()), Section(Local)), "true or {port: N}"),
        "Uses the Cloudflare on this machine, with a fake account and fake keys, and ignores CLOUDFLARE_* of the "
        "shell. A file with it is an environment.",
    )
    protect: bool = setting(BoolShape(), "Whether Pulumi refuses to delete the gateway.", default=True)
    use: tuple[Located[str], ...] | None = setting(
        ListOf(LocatedShape(Text("a provider's name", PROVIDER_NAME))),
        "The enabled providers, default all. Others' models are skipped, and routes and roles with no model left.",
    )
    providers: Mapping[str, Provider] = setting(
        TableOf(Section(Provider), "a provider's name", PROVIDER_NAME),
        "The providers, by Cloudflare's slugs, or by any name with a baseUrl.",
        default={},
    )
    routes: Mapping[str, Route] = setting(
        TableOf(RouteShape()),
        "Routes that Cloudflare runs, called as dynamic/<route>. The models of a list are tried in order.",
        default={},
    )
    roles: Mapping[str, Role] = setting(
        TableOf(OneOf((_PrimaryOnly(), Section(Role, whole=True)), "a model's name, or {primary, fallbacks}")),
        "Roles that the client runs: a primary and fallbacks, or only the primary's name.",
        default={},
    )
    gateway: Gateway = setting(Section(Gateway), "The AI Gateway.", default=Gateway())
    tokens: Mapping[str, Token] = setting(TableOf(Section(Token)), "Scoped account API tokens, by name.", default={})
    clients: Mapping[str, ClientSettings] = setting(
        TableOf(Section(ClientSettings)), "The programs to emit configuration files for, by name.", default={}
    )
    ignore: tuple[Ignore, ...] = setting(
        ListOf(Section(Ignore)),
        "Drift that is known and accepted until a date; `gatewright drift` shows it as ignored.",
        default=(),
    )
