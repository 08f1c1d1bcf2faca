"""The entry point: reads the files of an environment, and returns it checked, with all diagnostics."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.clock import now, today
from gatewright.diagnostics import Diagnostic, Diagnostics, Location
from gatewright.environment.checks.account import resolve_account
from gatewright.environment.checks.auto_router import check_auto_router
from gatewright.environment.checks.catalog import CatalogResolver
from gatewright.environment.checks.clients import resolve_clients
from gatewright.environment.checks.domains import check_access, resolve_domain
from gatewright.environment.checks.gateway import check_gateway
from gatewright.environment.checks.gateway_policies import check_policies, check_verdicts
from gatewright.environment.checks.ignore import check_ignore
from gatewright.environment.checks.metadata_uses import note_metadata_uses
from gatewright.environment.checks.plans import check_plans
from gatewright.environment.checks.programs import check_programs
from gatewright.environment.checks.provider_limits import note_unenforced_limits
from gatewright.environment.checks.providers import check_providers
from gatewright.environment.checks.request_options import check_options_of_file
from gatewright.environment.checks.retirements import check_retirements
from gatewright.environment.checks.routes import dropped_routes, resolve_roles, resolve_routes
from gatewright.environment.checks.shared_providers import check_shared_providers
from gatewright.environment.checks.tokens import check_tokens, with_permissions
from gatewright.environment.checks.uses import Uses
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.model.gateway import default_gateway_name
from gatewright.environment.names import Names
from gatewright.environment.references import DEPLOYING_TOKEN
from gatewright.environment.resolved import Environment
from gatewright.environment.shared_providers import SharedProviders
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node


@frozen
class Loaded:
    """A loaded environment: `environment` is None if a diagnostic is an error."""

    name: str
    environment: Environment | None
    diagnostics: tuple[Diagnostic, ...]
    root: Node | None  # the merged file
    file: EnvironmentFile | None


def is_stack_name(name: str) -> bool:
    """Whether an environment can have this name: lower-case letters, digits, single hyphens; at most 50 characters."""
    return len(name) <= 50 and re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", name) is not None


def load(
    files: Files, name: str, capabilities: Mapping[str, ClientCapabilities], variables: Mapping[str, str]
) -> Loaded:
    """Read, merge and check environment `name`; a `Loader` for several."""
    return Loader(files, capabilities, variables).load(name)


class Loader:
    """Loads environments of one folder. What they have in common is worked out once.

    `capabilities`: of the client programs, by name. `variables`: the process's environment, of which only the account's
    and the clock's variables are read.
    """

    def __init__(
        self, files: Files, capabilities: Mapping[str, ClientCapabilities], variables: Mapping[str, str]
    ) -> None:
        self._files = files
        self._capabilities = capabilities
        self._variables = variables
        self._today = today(variables)
        self._catalogs = CatalogResolver(self._today)
        self._shared_providers = SharedProviders(files, variables)

    def load(self, name: str) -> Loaded:
        """Read, merge and check environment `name`.

        Diagnostics are in the order of their locations, the environment's own file first.
        """
        diagnostics = Diagnostics()
        own_file = f"{self._files.shown}/{name}.yaml"
        if not is_stack_name(name):
            message = "invalid environment name, expected lower-case letters, digits and single hyphens, at most 50"
            diagnostics.error(Location(own_file, 1, 1), "", "bad-name", message)
        root = self._files.merged(name, diagnostics)
        file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
        environment = None
        if root is not None and file is not None:
            environment = self._check(name, root, file, diagnostics)
        ordered = sorted(diagnostics.diagnostics, key=lambda each: (each.location.file != own_file, each.location))
        return Loaded(name, None if diagnostics.failed else environment, tuple(ordered), root, file)

    def _check(self, name: str, root: Node, file: EnvironmentFile, diagnostics: Diagnostics) -> Environment:
        """Run all checks, and build the environment, which is valid only if there are no errors."""
        variables = self._variables
        catalog = self._catalogs.resolve(file.providers, root, diagnostics)
        file = replace(file, providers=catalog.providers)
        names = Names.collect(root, file, diagnostics)
        gateway_name = file.gateway.name or default_gateway_name(name)
        account, variable = resolve_account(file, root, variables, diagnostics)
        check_providers(file, names.enabled, root, diagnostics)
        check_shared_providers(file, names.enabled, root, self._shared_providers, variables, diagnostics)
        check_gateway(file, gateway_name, names.enabled, root, diagnostics)
        check_policies(file, root, diagnostics)
        check_tokens(name, file, root, now(variables), diagnostics)
        check_options_of_file(file, root, diagnostics)
        check_ignore(file, root, now(variables), diagnostics)
        routes = resolve_routes(file, names, diagnostics)
        names = names.without_routes(dropped_routes(file, routes, diagnostics))
        roles = resolve_roles(file, names, diagnostics)
        check_access(file, root, diagnostics)
        domain = resolve_domain(file, root, ("gateway", "endpoint"), file.gateway.endpoint, diagnostics)
        clients = resolve_clients(
            file, root, names, roles, tuple(routes), gateway_name, self._capabilities, diagnostics
        )
        uses = Uses(file, routes, roles, names.enabled)
        retiring = check_retirements(uses, catalog.retirements, self._today, diagnostics)
        check_plans(uses, diagnostics)
        environment = Environment(
            name=name,
            account_id=account,
            account_variable=variable,
            local=file.local,
            protect=file.protect,
            providers={provider: file.providers[provider] for provider in names.enabled if provider in file.providers},
            routes=routes,
            roles=roles,
            gateway_name=gateway_name,
            gateway=replace(file.gateway, name=gateway_name),
            tokens=with_permissions(file.tokens, clients, routes),
            clients=clients,
            deploy_variable=file.deploy.name if file.deploy else DEPLOYING_TOKEN,
            retirements=catalog.retirements,
            retiring_uses=retiring,
            domain=domain,
        )
        if not diagnostics.failed:  # notes would distract from errors
            note_unenforced_limits(file, names, routes, root, diagnostics)
            note_metadata_uses(environment, root, diagnostics)
            check_programs(environment, root, diagnostics)
            check_auto_router(environment, root, diagnostics)
            check_verdicts(environment, root, diagnostics)
        return environment
