"""The request of an install: the client's valid files, where they belong, and who will own them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gatewright.clients import CLIENTS
from gatewright.clients.common.client_file import check
from gatewright.clients.common.conflicts import Conflict
from gatewright.clients.common.installation import Installation, InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.command_line import program_path
from gatewright.diagnostics import did_you_mean
from gatewright.environment.resolved import Environment, Helper
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.install.claims import Owner
from gatewright.project import Project
from gatewright.workspace import require_account


@frozen
class Prepared:
    """A request, its installation, its owner, and the user's settings that are in conflict with it."""

    request: InstallRequest
    installation: Installation
    owner: Owner
    conflicts: tuple[Conflict, ...]


def prepare(
    project: Project, environment: Environment, client: str, machine: Machine, to: Path | None = None
) -> Prepared:
    """Emit and check the client's files, and find where they belong.

    Raises:
        UsageError: the environment has no such client, or `to` is missing or not possible.
        InvalidEnvironmentError: the account's id is unknown, or the program would refuse a file.
    """
    if client not in environment.clients:
        hint = did_you_mean(client, environment.clients)
        if hint is None and client in CLIENTS:
            hint = f"Add it to stacks/{environment.name}.yaml: clients: {{{client}: {{}}}}"
        clients = ", ".join(environment.clients) or "none"
        raise UsageError(f"{environment.name} has no client {client}", hint or f"Its clients: {clients}")
    require_account(environment)
    resolved = replace(environment.clients[client], helper=helper_here(project, machine))
    files = CLIENTS[client].files(environment, resolved)
    violations = check(files)
    if violations:
        raise InvalidEnvironmentError("; ".join(violations), hint="Nothing was written")
    request = InstallRequest(environment, resolved, machine, files, to)
    package = CLIENTS[client]
    owner = owner_of(project, environment.name, client)
    return Prepared(request, package.installation(request), owner, package.conflicts(request))


def helper_here(project: Project, machine: Machine) -> Helper:
    """The program, the project and the folder of state as files of this machine name them."""
    return Helper(str(program_path()), str(project.root), str(machine.state))


def owner_of(project: Project, environment: str, client: str) -> Owner:
    """The owner of a client's settings."""
    return Owner(str(project.root), environment, client)
