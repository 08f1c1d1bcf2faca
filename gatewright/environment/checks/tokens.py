"""Tokens: known permissions, rotations without gaps, and the permissions that the clients need."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clock import parse_timestamp
from gatewright.environment.references import ModelName, RouteName
from gatewright.facts import permissions
from gatewright.facts.slugs import WORKERS_AI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.environment_file import EnvironmentFile, Token
    from gatewright.environment.model.rotation import Rotate
    from gatewright.environment.model.routes import Route
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client

DEPLOYING = "deploy"
"""The name of the deploying token, which `gatewright bootstrap` creates."""

_MISSPELT = 0.88  # similarity from which an unknown permission counts as misspelt
_MAX_NAME = 120  # characters of a token's name at Cloudflare (guess)
_GENERATION_SUFFIX = len("/2026-12-01T000000Z.1000000")


def token_name(environment: str, token: str) -> str:
    """The name of a token at Cloudflare, which prefixes the names of its generations."""
    return f"gatewright/{environment}/{token}"


def check_tokens(environment: str, file: EnvironmentFile, root: Node, now: int, diagnostics: Diagnostics) -> None:
    """Report wrong permissions, rotations with gaps, expiries in the past, and names that are too long."""
    for name, token in file.tokens.items():
        node = root.at("tokens", name)
        if node is None:
            continue
        path, location = f"tokens.{name}", root.location_at("tokens", name)
        if name == DEPLOYING:
            message = f"{name} is the name of the deploying token"
            diagnostics.error(location, path, "reserved-name", message, "Choose another name")
        _check_allow(token, node.at("allow"), f"{path}.allow", diagnostics)
        _check_rotation(token, node.at("rotate") or node, path, diagnostics)
        _check_name(token_name(environment, name), token, location, path, diagnostics)
        _check_expiry(token, node.location_at("expires"), f"{path}.expires", now, diagnostics)


def _check_expiry(token: Token, location: Location, path: str, now: int, diagnostics: Diagnostics) -> None:
    if token.expires and token.not_before and token.expires <= token.not_before:
        message = f"{token.expires} is not after notBefore ({token.not_before}): the token would never be valid"
        diagnostics.error(location, path, "never-valid", message)
    elif token.expires and parse_timestamp(token.expires) <= now:
        message = f"{token.expires} is in the past: the token would never be valid"
        hint = "Set a later time, remove it, or remove the token with null"
        diagnostics.error(location, path, "past", message, hint)


def _check_name(name: str, token: Token, location: Location, path: str, diagnostics: Diagnostics) -> None:
    longest = _MAX_NAME - (_GENERATION_SUFFIX if token.rotate else 0)
    if len(name) > longest:
        message = f"the name at Cloudflare, {name}, has {len(name)} characters, at most {longest} are allowed"
        hint = "A token that rotates also has a date in its name" if token.rotate else None
        diagnostics.error(location, path, "too-long", message, hint)


def _check_allow(token: Token, node: Node | None, path: str, diagnostics: Diagnostics) -> None:
    if token.allow is None or node is None or not isinstance(node.value, list):
        return
    for index, item in enumerate(node.value):
        if isinstance(item.value, str):
            _check_permission(item.value, item.location, f"{path}[{index}]", diagnostics)


def _check_permission(name: str, location: Location, path: str, diagnostics: Diagnostics) -> None:
    permission = permissions.find(name)
    if permission:
        if permission.scope is not permissions.Scope.ACCOUNT:
            scope = permission.scope.name.lower()
            message = f"{permission.name} is a permission of a {scope}, and tokens have permissions of an account only"
            diagnostics.error(location, path, "other-scope", message, "Remove it")
        return
    near = permissions.nearest(name)
    has_edit = "edit" in name.lower().split()  # Cloudflare's dashboard says Edit where its API says Write
    if near and (has_edit or difflib.SequenceMatcher(None, near.lower(), name.lower()).ratio() >= _MISSPELT):
        message = f"unknown permission {name}"
        diagnostics.error(location, path, "unknown-permission", message, f"Did you mean {near}?")
    else:
        message = f"{name} is not a known permission; `up` looks it up at Cloudflare"
        diagnostics.note(location, path, "permission-not-known", message)


def _check_rotation(token: Token, node: Node, path: str, diagnostics: Diagnostics) -> None:
    rotate = token.rotate
    if not rotate:
        return
    check_rotation(rotate, node.location, f"{path}.rotate", diagnostics)
    if token.expires is not None:
        message, hint = "has both rotate and expires", "Remove expires: a token that rotates ends after its lifetime"
        diagnostics.error(node.location, path, "expires-and-rotates", message, hint)


def check_rotation(rotate: Rotate, location: Location, path: str, diagnostics: Diagnostics) -> None:
    """Report a rotation by which more than two tokens, or none, would be valid at some time."""
    if rotate.overlap.milliseconds >= rotate.every.milliseconds:
        diagnostics.error(
            location,
            path,
            "overlap-too-long",
            f"overlap ({rotate.overlap}) must be shorter than every ({rotate.every}): more than two tokens would be "
            "valid at the same time",
        )
    least = rotate.every.milliseconds + rotate.overlap.milliseconds
    if rotate.lifetime is not None and rotate.lifetime.milliseconds < least:
        diagnostics.error(
            location,
            path,
            "lifetime-too-short",
            f"lifetime ({rotate.lifetime}) must be at least every + overlap ({_days_and_hours(least)}): there would be "
            "times without a valid token",
        )


def _days_and_hours(milliseconds: int) -> str:
    days, hours = divmod(milliseconds // 3_600_000, 24)
    return " and ".join(filter(None, (f"{days}d" if days else "", f"{hours}h" if hours else "")))


def with_permissions(
    tokens: Mapping[str, Token], clients: Mapping[str, Client], routes: Mapping[str, Route]
) -> dict[str, Token]:
    """The tokens with `allow` set to Cloudflare's names; by default to what their clients need."""
    resolved = {}
    for name, token in tokens.items():
        allow = token.allow or _needed_permissions(name, clients, routes)
        names = (known.name if (known := permissions.find(text)) else text for text in allow)
        resolved[name] = replace(token, allow=tuple(names))
    return resolved


def _needed_permissions(token: str, clients: Mapping[str, Client], routes: Mapping[str, Route]) -> tuple[str, ...]:
    """AI Gateway Run, and Workers AI Read if a client of the token can call Workers AI or the REST endpoint, for which
    Cloudflare's pages name one or the other."""
    own = [client for client in clients.values() if client.token == token]
    names = [name for client in own for name in client.models]
    called = [routes[name.route] for name in names if isinstance(name, RouteName) and name.route in routes]
    providers = {name.provider for name in names if isinstance(name, ModelName)}
    uses_rest = any("rest" in (*client.via.values(), client.routes_via) for client in own)
    needs_workers_ai = uses_rest or WORKERS_AI in providers.union(*(route.providers() for route in called))
    groups = [permissions.AI_GATEWAY_RUN, *([permissions.WORKERS_AI_READ] if needs_workers_ai else [])]
    return tuple(group.name for group in groups)
