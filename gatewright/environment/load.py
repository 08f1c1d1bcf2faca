"""The one way in: environment files -> a checked Environment, with every problem that was found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.clock import now
from gatewright.diagnostics import Diagnostic, Diagnostics, Location, did_you_mean
from gatewright.environment.checks.account import resolve_account
from gatewright.environment.checks.clients import ClientChecks, check_programs
from gatewright.environment.checks.gateway import check_gateway
from gatewright.environment.checks.ignore import check_ignore
from gatewright.environment.checks.provider_limits import note_limits
from gatewright.environment.checks.providers import check_providers
from gatewright.environment.checks.routes import roles_in_use, routes_in_use
from gatewright.environment.checks.tokens import check_tokens, with_needs
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.names import Names
from gatewright.environment.resolved import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one environment's files: `environment` is None when a problem is an error."""

    name: str
    environment: Environment | None
    diagnostics: tuple[Diagnostic, ...]
    root: Node | None  # the merged tree, for `explain`
    file: EnvironmentFile | None


def is_stack_name(name: str) -> bool:
    """Whether an environment can be called so: lower-case letters, digits, single hyphens; at most 50 characters."""
    return len(name) <= 50 and re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", name) is not None


def load(
    files: Files, name: str, capabilities: Mapping[str, ClientCapabilities], variables: Mapping[str, str]
) -> Loaded:
    """Reads, merges and checks environment `name`.

    `capabilities`: the client programs there are; `variables`: the process's environment, of which only the account's
    variable and the clock's are read. Problems come in the order of their places, those of this environment's own file
    first.
    """
    diagnostics = Diagnostics()
    if not is_stack_name(name):
        diagnostics.error(
            Location(f"{files.shown}/{name}.yaml", 1, 1),
            "",
            "bad-name",
            "an environment is named by lower-case letters, digits and single hyphens, at most 50",
        )
    root = files.merged(name, diagnostics)
    file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
    environment = (
        _check(name, root, file, capabilities, variables, diagnostics)
        if root is not None and file is not None
        else None
    )
    own = f"{files.shown}/{name}.yaml"
    found = sorted(
        diagnostics.diagnostics, key=lambda diagnostic: (diagnostic.location.file != own, diagnostic.location)
    )
    return Loaded(name, None if diagnostics.failed else environment, tuple(found), root, file)


def _check(
    name: str,
    root: Node,
    file: EnvironmentFile,
    capabilities: Mapping[str, ClientCapabilities],
    variables: Mapping[str, str],
    diagnostics: Diagnostics,
) -> Environment:
    names = Names.of(root, file, diagnostics)
    gateway_name = file.gateway.name or f"agents-{name}"
    account, variable = resolve_account(file, root, variables, diagnostics)
    check_providers(file, names.used, root, diagnostics)
    check_gateway(file, gateway_name, names.used, root, diagnostics)
    check_tokens(name, file, root, now(variables), diagnostics)
    check_ignore(file, root, now(variables), diagnostics)
    routes = routes_in_use(file, names, diagnostics)
    roles = roles_in_use(file, names, diagnostics)
    checks = ClientChecks(file, root, names, roles, tuple(routes), gateway_name, diagnostics)
    clients: dict[str, Client] = {}
    for program, settings in file.clients.items():
        location = root.location_at("clients", program)
        if program not in capabilities:
            diagnostics.error(
                location,
                f"clients.{program}",
                "unknown-client",
                f"no client {program}",
                did_you_mean(program, capabilities),
            )
        else:
            clients[program] = checks.client(program, settings, capabilities[program])
    environment = Environment(
        name=name,
        account_id=account,
        account_variable=variable,
        local=file.local,
        protect=file.protect,
        providers={provider: file.providers[provider] for provider in names.used if provider in file.providers},
        routes=routes,
        roles=roles,
        gateway_name=gateway_name,
        gateway=replace(file.gateway, name=gateway_name),
        tokens=with_needs(file.tokens, clients, routes),
        clients=clients,
    )
    if not diagnostics.failed:  # beside errors it would be noise
        note_limits(file, names, routes, root, diagnostics)
        check_programs(environment, root, diagnostics)
    return environment
