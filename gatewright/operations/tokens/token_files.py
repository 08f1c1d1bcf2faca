"""The files with tokens for programs that read theirs from one: `credential: file`."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clients.common.helper import token_file
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.install.requests import helper_here
from gatewright.io.private import private_folder, replace_private
from gatewright.operations.tokens.newest_token import newest_token
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.clients.common.machine import Machine
    from gatewright.environment.resolved import Client
    from gatewright.project import Project


@frozen
class TokenFile:
    """One file; `changed` where it has another token than before. `notes` are about the token, without its value."""

    client: str
    path: Path
    changed: bool
    notes: tuple[str, ...] = ()


def refresh_files(project: Project, name: str, machine: Machine, shell: Mapping[str, str]) -> list[TokenFile]:
    """Write the newest token of each client that reads it from a file.

    Raises:
        UsageError: no client does.
        GatewrightError: the environment is invalid, or has no valid token.
    """
    files = []
    for client in clients_with_file(project, name):
        newest = newest_token(project, name, client.token, None, shell)
        path = Path(token_file(replace(client, helper=helper_here(project, machine))))
        files.append(TokenFile(client.program, path, _write(path, newest.value), newest.notes))
    return files


def clients_with_file(project: Project, name: str) -> list[Client]:
    """The clients of an environment that read their token from a file.

    Raises:
        UsageError: none does.
        InvalidEnvironmentError: the environment is invalid.
    """
    clients = [client for client in open_one(project, name).clients.values() if client.credential == "file"]
    if not clients:
        hint = f"Set it in stacks/{name}.yaml, for example clients: {{opencode: {{credential: file}}}}"
        raise UsageError(f"no client of {name} has credential: file", hint)
    return clients


def _write(path: Path, value: str) -> bool:
    data = f"{value}\n".encode()
    if path.is_file() and path.read_bytes() == data and not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return False
    private_folder(path.parent)
    replace_private(path, data)
    return True
