"""The newest token of an environment: from the sealed cache while that is current, otherwise from the stack."""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright import __version__, clock
from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.engine.state import backend_folder
from gatewright.errors import EngineError, GatewrightError, NoStackError, UsageError
from gatewright.frozen import frozen
from gatewright.io.sealed import write_sealed
from gatewright.operations.stack.open_stack import open_stack
from gatewright.operations.tokens.run_token import default_token
from gatewright.token_cache import (
    RECHECK,
    CachedTokens,
    cache_context,
    cache_path,
    is_state_current,
    mark_files,
    mark_state,
    read_cache,
)
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


@frozen
class NewestToken:
    """The value, and sentences about it without the value."""

    value: str = field(repr=False)
    notes: tuple[str, ...] = ()


def newest_token(
    project: Project, name: str, token: str | None, client: str | None, shell: Mapping[str, str]
) -> NewestToken:
    """The newest value of `token` of environment `name`, of the client's token, or of the only one.

    Raises:
        UsageError: no such token, client or environment, or several tokens and no choice.
        InvalidEnvironmentError: the environment is invalid.
        GatewrightError: the stack cannot be opened or has no valid token.
    """
    environment = open_one(project, name)
    token = _choose(environment, token, client)
    now = clock.now(shell)
    mark = mark_files(str(project.root))
    cached = read_cache(str(project.root), name)
    notes: tuple[str, ...] = ()
    if cached is None or token not in cached["tokens"] or not is_state_current(cached, now):
        try:
            cached = _read_stack(open_stack(project, environment), now)
        except NoStackError:
            forget_tokens(project, name)
            raise
        except EngineError as error:
            if cached is None or now >= cached["tokens"].get(token, ("", 0))[1]:
                settings = project.stacks / f"Pulumi.{name}.yaml"  # the engine creates it with the stack
                if cached is None and not settings.is_file():
                    raise _never_deployed(name, project.shown(settings)) from None
                raise _not_opened(name, token, error) from None
            notes = (f"token {token} is from the cache, because stack {name} cannot be opened: {error.message}",)
            cached = {**cached, "state_mark": mark_state(cached["state"]), "recheck": now + RECHECK}
    value, expires = cached["tokens"].get(token, ("", 0))
    if not value:
        raise GatewrightError(f"stack {name} has no token {token} yet", command(f"up {name}"))
    if now >= expires:
        message = f"token {token} of {name} expired on {clock.format_time(expires)}"
        raise GatewrightError(message, f"Create its successor: {command(f'up {name}')}")
    return NewestToken(value, (*notes, *_store(project, environment, cached, mark)))


def refresh_tokens(project: Project, environment: Environment, pulumi: Pulumi, shell: Mapping[str, str]) -> None:
    """Read the tokens of the stack again, if they are cached: after a run that may have rotated them."""
    if Path(cache_path(str(project.root), environment.name)).exists():
        mark = mark_files(str(project.root))
        _store(project, environment, _read_stack(pulumi, clock.now(shell)), mark)


def forget_tokens(project: Project, name: str) -> None:
    """Delete the cache of an environment's tokens."""
    Path(cache_path(str(project.root), name)).unlink(missing_ok=True)


def _choose(environment: Environment, token: str | None, client: str | None) -> str:
    name, tokens = environment.name, environment.tokens
    if client is not None:
        if client not in environment.clients:
            hint = did_you_mean(client, environment.clients) or "It declares no clients"
            raise UsageError(f"{name} has no client {client}", hint)
        token = environment.clients[client].token
        if token is None:
            raise UsageError(f"{client} of {name} uses no token", "Name a token instead of the client")
    if token is None:
        return default_token(environment, command(f"token {name} NAME"))
    if token not in tokens:
        raise UsageError(f"{name} has no token {token}", did_you_mean(token, tokens) or None)
    return token


def _read_stack(pulumi: Pulumi, now: int) -> CachedTokens:
    """The tokens of the stack, not yet with what the environment file says about them."""
    state = _state_file(pulumi)
    mark = mark_state(state)  # before it is read: a run that ends meanwhile makes the cache stale
    outputs = pulumi.outputs()
    expiries: dict[str, Any] = outputs.get("tokenExpiries") or {}
    values = {
        name: (value.strip(), clock.parse_timestamp(expiries[name]) if name in expiries else now + RECHECK)
        for name, value in (outputs.get("tokens") or {}).items()
        if isinstance(value, str)
    }
    recheck = now + RECHECK if state is None else max((expires for _, expires in values.values()), default=now)
    return {
        "tokens": values,
        "default": None,
        "clients": {},
        "files": "",
        "state": state,
        "state_mark": mark,
        "recheck": recheck,
    }


def _state_file(pulumi: Pulumi) -> str | None:
    """The file of the stack's state; None where the backend is elsewhere, or writes another file."""
    folder = backend_folder(pulumi.session.backend)
    path = folder and folder / ".pulumi" / "stacks" / pulumi.project_name / f"{pulumi.stack}.json"
    return str(path) if path and path.is_file() else None


def _store(project: Project, environment: Environment, tokens: CachedTokens, mark: str) -> tuple[str, ...]:
    """Seal the tokens for the next request; a note where that is not possible."""
    try:
        default = default_token(environment, "")
    except UsageError:
        default = None
    clients = {name: client.token for name, client in environment.clients.items() if client.token is not None}
    root, name = str(project.root), environment.name
    content: CachedTokens = {**tokens, "default": default, "clients": clients, "files": mark}
    try:
        document = json.dumps({"version": __version__, "tokens": content}).encode()
        write_sealed(cache_path(root, name), cache_context(root, name), document)
    except OSError as error:
        return (f"the token is not cached, and each request opens the stack: {error}",)
    return ()


def _never_deployed(name: str, settings: str) -> NoStackError:
    message = f"{name} was never deployed from this project: {settings} does not exist"
    return NoStackError(message, f"{command(f'up {name}')}, or commit that file where the environment is deployed")


def _not_opened(name: str, token: str, error: EngineError) -> EngineError:
    return EngineError(f"token {token} is in stack {name}, which cannot be opened: {error.message}", error.hint)
