"""Tokens that Cloudflare has under a name of an environment, and its stack does not. Nobody knows their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import existing_generations
from gatewright.environment.checks.tokens import DEPLOYING, token_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    Json = dict[str, Any]


def lost_tokens(environment: str, tokens: Iterable[Json], known: Container[str]) -> Iterator[Json]:
    """Those of `tokens`, as the API lists them, that have a name of `environment`, and are not `known`.

    `known` are the ids in the stack's state. A run leaves such a token where the response to its creation is lost, and
    a refresh where the token has expired: Cloudflare's provider then drops it from the state without deleting it.
    """
    for token in tokens:
        if token["id"] not in known and _is_of(environment, str(token["name"])):
            yield token


def _is_of(environment: str, name: str) -> bool:
    prefix = token_name(environment, "")
    base = name.removeprefix(prefix).partition("/")[0]
    if not name.startswith(prefix) or base == DEPLOYING:
        return False
    return bool(existing_generations(token_name(environment, base), [AccountToken("", name, None, None)]))
