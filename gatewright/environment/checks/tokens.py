"""Tokens on the merged whole: permissions that exist, rotations that add up, and what their clients need."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clock import seconds
from gatewright.environment.references import ModelName, RouteName
from gatewright.facts import permissions
from gatewright.facts.slugs import WORKERS_AI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.environment_file import EnvironmentFile, Token
    from gatewright.environment.model.routes import Route
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client

SURE = 0.88  # likeness from which an unknown permission is taken for a misspelt one
LONGEST_NAME = 120
"""Characters of a token's name at Cloudflare (guess)."""
_GENERATION = len("/2026-12-01T000000Z.1000000")


DEPLOYING = "deploy"
"""The token that deploys an environment is called so: `gatewright bootstrap` makes it, and ends what it replaces."""


def token_name(environment: str, token: str) -> str:
    """What a token is called at Cloudflare; its generations are named below that."""
    return f"gatewright/{environment}/{token}"


def check_tokens(environment: str, file: EnvironmentFile, root: Node, now: int, diagnostics: Diagnostics) -> None:
    """Reports permissions that cannot be meant, rotations that leave a gap, ends that are past, and long names."""
    for name, token in file.tokens.items():
        node = root.at("tokens", name)
        if node is None:
            continue
        path = f"tokens.{name}"
        if name == DEPLOYING:
            message = f"{name} is what the deploying token is called"
            diagnostics.error(root.location_at("tokens", name), path, "reserved-name", message, "Choose another name")
        _check_allow(token, node.at("allow"), f"{path}.allow", diagnostics)
        _check_rotation(token, node.at("rotate") or node, path, diagnostics)
        _check_name(token_name(environment, name), token, root.location_at("tokens", name), path, diagnostics)
        if token.expires and token.not_before and token.expires <= token.not_before:
            message = f"ends at {token.expires}, before it begins"
            diagnostics.error(node.location_at("expires"), f"{path}.expires", "never-valid", message)
        elif token.expires and seconds(token.expires) <= now:
            message = f"{token.expires} is past: the token would never be valid"
            hint = "Write a later one, or remove it, or remove the token: null"
            diagnostics.error(node.location_at("expires"), f"{path}.expires", "past", message, hint)


def _check_name(name: str, token: Token, location: Location, path: str, diagnostics: Diagnostics) -> None:
    longest = LONGEST_NAME - (_GENERATION if token.rotate else 0)
    if len(name) > longest:
        message = f"is called {name} at Cloudflare, which has {len(name)} characters; at most {longest} are allowed"
        diagnostics.error(location, path, "too-long", message, "The rest is for its date" if token.rotate else None)


def _check_allow(token: Token, node: Node | None, path: str, diagnostics: Diagnostics) -> None:
    if token.allow is None or node is None or not isinstance(node.value, list):
        return
    for index, item in enumerate(node.value):
        if not isinstance(item.value, str):
            continue
        if found := permissions.find(item.value):
            if found.scope is not permissions.Scope.ACCOUNT:
                kind = found.scope.name.lower()
                message = f"{found.name} is a permission on a {kind}; the tokens here are on the account"
                diagnostics.error(item.location, f"{path}[{index}]", "other-scope", message, "Leave it out")
            continue
        meant = permissions.nearest(item.value)
        edit = "edit" in item.value.lower().split()
        if meant and (edit or difflib.SequenceMatcher(None, meant.lower(), item.value.lower()).ratio() >= SURE):
            diagnostics.error(
                item.location,
                f"{path}[{index}]",
                "unknown-permission",
                f"there is no permission {item.value}",
                f"Did you mean {meant}?",
            )
        else:
            diagnostics.note(
                item.location,
                f"{path}[{index}]",
                "permission-not-known",
                f"{item.value} is not among the permissions known here; `up` looks it up at Cloudflare",
            )


def _check_rotation(token: Token, node: Node, path: str, diagnostics: Diagnostics) -> None:
    rotate = token.rotate
    if not rotate:
        return
    location: Location = node.location
    if rotate.overlap.milliseconds >= rotate.every.milliseconds:
        diagnostics.error(
            location,
            f"{path}.rotate",
            "overlap-too-long",
            f"its overlap of {rotate.overlap} is not shorter than its period of {rotate.every}: more than two "
            "would live at once",
        )
    least = rotate.every.milliseconds + rotate.overlap.milliseconds
    if rotate.lifetime is not None and rotate.lifetime.milliseconds < least:
        diagnostics.error(
            location,
            f"{path}.rotate",
            "lifetime-too-short",
            f"its lifetime of {rotate.lifetime} is shorter than every + overlap ({_length(least)}): there "
            "would be a time without a valid token",
        )
    if token.expires is not None:
        diagnostics.error(
            location,
            path,
            "expires-and-rotates",
            "has both `rotate` and `expires`",
            "A rotating token's end follows from its lifetime: remove expires",
        )


def _length(milliseconds: int) -> str:
    days, rest = divmod(milliseconds // 3_600_000, 24)
    return " and ".join(filter(None, (f"{days}d" if days else "", f"{rest}h" if rest else "")))


def with_needs(
    tokens: Mapping[str, Token], clients: Mapping[str, Client], routes: Mapping[str, Route]
) -> dict[str, Token]:
    """The tokens with `allow` filled in: what the clients bound to them need, and never less than AI Gateway Run."""
    filled = {}
    for name, token in tokens.items():
        allow = token.allow or _needs(name, clients, routes)
        filled[name] = replace(
            token, allow=tuple(found.name if (found := permissions.find(each)) else each for each in allow)
        )
    return filled


def _needs(token: str, clients: Mapping[str, Client], routes: Mapping[str, Route]) -> tuple[str, ...]:
    listed = [name for client in clients.values() if client.token == token for name in client.models]
    called = [routes[name.route] for name in listed if isinstance(name, RouteName) and name.route in routes]
    providers = {name.provider for name in listed if isinstance(name, ModelName)}
    workers_ai = WORKERS_AI in providers.union(*(route.providers() for route in called))
    groups = [permissions.AI_GATEWAY_RUN, *([permissions.WORKERS_AI_READ] if workers_ai else [])]
    return tuple(group.name for group in groups)
