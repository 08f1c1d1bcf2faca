"""rotate: rotate a token early, by its epoch in the environment's file, which every later run reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.gateway_domains import ServiceToken
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.io.yaml_edit import YamlEdit
from gatewright.workspace import load_edited, require, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.environment.model.rotation import Rotate
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


SERVICE_TOKEN = "gateway.access"  # noqa: S105
"""The name of the service token for Access."""


@frozen
class EarlyRotation:
    """The edit of the environment's file, and the rotation that it declares. `reloads` are the commands after which
    running clients ask for their token again."""

    edit: YamlEdit
    rotate: Rotate
    reloads: tuple[str, ...] = ()


def rotate_early(project: Project, name: str, token: str) -> EarlyRotation:
    """Increment the epoch of `token`, or of SERVICE_TOKEN, in the file of environment `name`; the edit is returned, not
    written.

    Raises UsageError for a token that does not exist or does not rotate, InvalidEnvironmentError for a file that is or
    would be invalid, and FileRefusedError for one that may not be written.
    """
    (loaded,) = select(project, [name])
    rotate = _rotation(loaded, token)
    path = project.stacks / f"{name}.yaml"
    edit = YamlEdit.open(path, project.shown(path))
    desired = replace(rotate, epoch=rotate.epoch + 1)
    keys = _keys(require(loaded), token)
    written = loaded.root.at(*keys) if loaded.root else None
    if written is not None and written.location.file == edit.shown:
        edit.set((*keys, "epoch"), desired.epoch)
    else:  # `rotate` is replaced as a whole: the keys of the extended file, or the defaults, must be repeated
        plain = written.plain() if written else {"every": str(rotate.every), "overlap": str(rotate.overlap)}
        value = {**(plain if isinstance(plain, dict) else {}), "epoch": desired.epoch}
        if written is None:  # serviceToken: true
            edit.set(keys[:-1], {keys[-1]: value})
        else:
            edit.set(keys, value)
    _check(project, loaded, edit, token, desired)
    return EarlyRotation(edit, desired, tuple(_reloads(require(loaded), token)))


def _keys(environment: Environment, token: str) -> tuple[str, ...]:
    """Where the file declares the rotation of a token, or of the service token for Access."""
    is_service_token = token == SERVICE_TOKEN and token not in environment.tokens
    return ("gateway", "access", "serviceToken", "rotate") if is_service_token else ("tokens", token, "rotate")


def _reloads(environment: Environment, token: str) -> Iterator[str]:
    for name, client in environment.clients.items():
        program = CLIENTS[name].program
        if client.token == token and client.credential == "helper" and program and program.reload_command:
            yield program.reload_command
        elif client.token == token and client.credential == "file":
            yield command(f"refresh {environment.name}")


def _rotation(loaded: Loaded, token: str) -> Rotate:
    environment = require(loaded)
    tokens, access = environment.tokens, environment.gateway.access
    if token == SERVICE_TOKEN and token not in tokens:
        if access is None or access.service_token is None:
            hint = "Declare one: gateway: {access: {serviceToken: true}}"
            raise UsageError(f"{loaded.name} creates no service token for Access", hint)
        return access.service_token.rotate
    if token not in tokens:
        hint = did_you_mean(token, tokens) or "It declares no tokens"
        raise UsageError(f"{loaded.name} has no token {token}", hint)
    rotate = tokens[token].rotate
    if not rotate:
        raise UsageError(
            f"token {token} of {loaded.name} does not rotate",
            f"Declare a rotation: tokens: {{{token}: {{rotate: {{every: 30d, overlap: 7d}}}}}}",
        )
    return rotate


def _check(project: Project, before: Loaded, edit: YamlEdit, token: str, desired: Rotate) -> None:
    """Require that the edited file declares `desired`, and all other tokens as before."""
    after, old = require(load_edited(project, before.name, edit.after)), require(before)
    tokens, access = old.tokens, old.gateway.access
    if token in tokens:
        tokens = {**tokens, token: replace(tokens[token], rotate=desired)}
    elif access is not None:
        access = replace(access, service_token=ServiceToken(desired))
    if (after.tokens, after.gateway.access) != (tokens, access):
        raise InvalidEnvironmentError(
            f"{edit.shown} shares the rotation of {token} with another value, by a YAML anchor",
            hint=f"Replace the alias by its own mapping, with epoch: {desired.epoch}",
        )
