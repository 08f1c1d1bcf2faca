"""The one way in: environment files -> a checked Environment, with every problem that was found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.clock import now
from gatewright.diagnostics import Diagnostic, Diagnostics, Location, did_you_mean
from gatewright.environment.checks.clients import ClientChecks, check_programs
from gatewright.environment.checks.gateway import check_gateway
from gatewright.environment.checks.provider_limits import note_limits
from gatewright.environment.checks.routes import roles_in_use, routes_in_use
from gatewright.environment.checks.tokens import check_tokens, with_needs
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.model.ignore import check_ignores
from gatewright.environment.names import Names
from gatewright.environment.references import ACCOUNT_ID, FromVariable
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.slugs import SLUGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.environment_file import EnvironmentFile, Provider
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
    account, variable = _account(file, variables)
    _check_account(root, account, variable, diagnostics)
    _check_providers(file, names, root, diagnostics)
    check_gateway(file, gateway_name, names.used, root, diagnostics)
    check_tokens(name, file, root, now(variables), diagnostics)
    check_ignores(file, root, now(variables), diagnostics)
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


def _account(file: EnvironmentFile, variables: Mapping[str, str]) -> tuple[str | None, str | None]:
    if file.local is not None:
        return LOCAL_ACCOUNT, None
    if isinstance(file.account, FromVariable):
        return variables.get(file.account.name) or None, file.account.name
    return file.account, None


def _check_account(root: Node, account: str | None, variable: str | None, diagnostics: Diagnostics) -> None:
    written = root.entries
    if variable is not None and account is not None and not re.fullmatch(ACCOUNT_ID, account):
        diagnostics.error(
            root.location_at("account", "env"),
            "account.env",
            "bad-account",
            f"the value of {variable} is not an account id of 32 hexadecimal digits",
            "The dashboard shows it, and so does its URL",
        )
    if "account" in written and "local" in written:
        diagnostics.error(
            written["local"].key_location,
            "local",
            "account-and-local",
            "an environment has either `account` or `local`, this one has both",
            "Remove one: account: null",
        )
    if "account" not in written and "local" not in written:
        diagnostics.error(
            root.location,
            "",
            "no-account",
            "is no environment: it has neither `account` nor `local`",
            "Write account: {env: NAME}, or local: true",
        )


def _check_providers(file: EnvironmentFile, names: Names, root: Node, diagnostics: Diagnostics) -> None:
    for name in names.used:
        provider = file.providers.get(name)
        if provider is None:
            continue
        _check_ids(name, provider, root, diagnostics)
        node = root.at("providers", name)
        written = node.entries if node else {}
        location = root.location_at("providers", name)
        if name == "dynamic":
            diagnostics.error(
                location, "providers.dynamic", "reserved-name", "dynamic/… names routes", "Choose another name"
            )
        elif "baseUrl" not in written and name not in SLUGS:
            hint = did_you_mean(name, SLUGS) or "Give it a baseUrl: that makes it a custom provider"
            diagnostics.error(
                location,
                f"providers.{name}",
                "unknown-provider",
                "Cloudflare knows no such provider, and it has no baseUrl",
                hint,
            )
        if provider.base_url is not None and name in SLUGS:
            diagnostics.error(
                location,
                f"providers.{name}.baseUrl",
                "known-provider",
                f"Cloudflare knows {name} itself; a baseUrl makes it a custom provider",
                "Remove baseUrl, or choose another name",
            )
        if "key" not in written and name != "workers-ai" and file.local is None:
            hint = "Write key: {env: NAME}, {config: name}, {stored: true} or unified; or leave it out of `use`"
            if provider.base_url is None:
                diagnostics.error(location, f"providers.{name}", "no-key", "is in use and has no key", hint)
            else:  # one of your own may need none
                diagnostics.note(location, f"providers.{name}", "no-key", "has no key: it gets what the caller sends")


def _check_ids(name: str, provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    """A client knows a model by its id alone: of two with one id it gets the facts of the first."""
    first: dict[str, str] = {}
    for model, facts in provider.models.items():
        other = first.setdefault(facts.id or model, model)
        if other == model:
            continue
        there = root.location_at("providers", name, "models", other, "id")
        hint = f"Keep one, here or where it is extended: providers: {{{name}: {{models: {{{other}: null}}}}}}"
        diagnostics.note(
            root.location_at("providers", name, "models", model, "id"),
            f"providers.{name}.models.{model}",
            "one-id-twice",
            f"is {facts.id or model} at {name}, and so is {other} ({there}): clients get what is said of {other}",
            hint,
        )
