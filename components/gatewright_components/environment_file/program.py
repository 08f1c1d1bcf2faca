"""The program of a stack: the environment file of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from gatewright import __version__
from gatewright.errors import GatewrightError
from gatewright.facts.engine_values import VERSION_OUTPUT
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.frozen import frozen
from gatewright.garbage import collect_rarely
from gatewright.import_file import read_imports
from gatewright.operations.render import checked_files
from gatewright.project import Project
from gatewright.workspace import open_one, require_account
from gatewright_components.children import child_options
from gatewright_components.environment import Environment
from gatewright_components.environment_file.arguments import environment_args, unset_gateway_variables
from gatewright_components.environment_file.imports import Imports
from gatewright_components.environment_file.keys import DeclaredKeys
from gatewright_components.provider_keys import MissingKeysError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.environment.resolved import Environment as DeclaredEnvironment
    from gatewright.import_file import Entry


@frozen
class LoadedProgram:
    """A valid environment with its valid client files and the resources to import."""

    environment: DeclaredEnvironment
    files: Sequence[ClientFile]
    imports: Sequence[Entry] = ()


def run(root: Path, stack: str) -> None:
    """Register everything that the environment file of `stack` declares, and export the stack's outputs.

    The SDK's debug messages are not sent: the program waits for the engine four times for each resource, which shows
    them with --debug only.

    Raises:
        pulumi.RunError: the engine shows it without a traceback.
    """
    collect_rarely()
    pulumi.log.debug = _unsent
    loaded = load_program(root, stack)
    for name, output in exports(loaded, register(loaded)).items():
        pulumi.export(name, output)
    pulumi.export(VERSION_OUTPUT, __version__)


def load_program(root: Path, stack: str) -> LoadedProgram:
    """The environment called `stack`, in the project at `root`.

    Raises:
        pulumi.RunError: the environment is invalid; every diagnostic is logged before.
    """
    project = Project(root)
    try:
        environment = open_one(project, stack)
        require_account(environment)
        return LoadedProgram(environment, checked_files(project, environment), read_imports(project, stack))
    except GatewrightError as error:
        for diagnostic in getattr(error, "diagnostics", ()):
            pulumi.log.error(f"{diagnostic.location}  {diagnostic.sentence()}")
        raise pulumi.RunError(" → ".join(filter(None, (error.message, error.hint)))) from None


def register(loaded: LoadedProgram) -> Environment:
    """Register the components of an environment.

    Raises:
        pulumi.RunError: a secret is missing, or an import matches no resource.
    """
    declared, keys = loaded.environment, DeclaredKeys(loaded.environment)
    args = environment_args(declared, loaded.files, keys.args)
    unset = unset_gateway_variables(declared)
    gateway = child_options(
        AI_GATEWAY.token, protect=declared.protect, ignore_changes=[field.name for field in unset] or None
    )
    with Imports(declared.name, loaded.imports) as imports:
        opts = pulumi.ResourceOptions.merge(imports.options(), pulumi.ResourceOptions(transformations=[gateway]))
        try:
            environment = Environment(declared.name, args, opts)
        except MissingKeysError as error:
            raise keys.missing(error.names) from None
    for field, names in unset.items():
        plural = "are" if len(names) > 1 else "is"
        message = f"gateway.{field.wire_name} is not compared: {' and '.join(names)} {plural} not set"
        pulumi.log.info(message, environment.gateway)
    keys.log_kept()
    return environment


def exports(loaded: LoadedProgram, environment: Environment) -> dict[str, Any]:
    """The stack's outputs: account, gateway, endpoint, domains (host name -> {cname, status}), files (path -> SHA-256),
    tokens (name -> value of the newest, secret), tokenExpiries (name -> expiry), and with a service token for Access
    serviceToken: {clientId, clientSecret (secret)}."""
    token = environment.access.service_token if environment.access else {}
    return {
        "account": loaded.environment.account,
        "gateway": environment.gateway_id,
        "endpoint": loaded.environment.gateway_url,
        "domains": environment.domains,
        "files": environment.files,
        "tokens": environment.tokens,
        "tokenExpiries": environment.token_expiries,
        **({"serviceToken": token} if token else {}),
    }


def _unsent(
    msg: str, resource: pulumi.Resource | None = None, stream_id: int | None = None, ephemeral: bool | None = None
) -> None:
    """In place of pulumi.log.debug."""
