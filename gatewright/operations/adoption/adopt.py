"""adopt: create an environment file and imports for a gateway that exists at Cloudflare."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.command_line import command
from gatewright.diagnostics import Diagnostics, Severity
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.load import Loaded, is_stack_name, load
from gatewright.environment.model.environment_file import CATALOG_NAME
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import (
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    PROVIDER_CONFIG,
)
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright.frozen import frozen
from gatewright.import_file import (
    Entry,
    import_file,
    imports_text,
)
from gatewright.io.yaml_dump import dump_yaml
from gatewright.operations.adoption.environment_draft import Draft
from gatewright.workspace import files_of, provider_owners, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.live_gateway import LiveGateway
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project

CATALOG = "catalog.yaml"
_HEADER = """\
{schema}# Gateway {gateway} of account {account}: the first `pulumi up` imports it and changes nothing at Cloudflare.
"""


@frozen
class Adoption:
    """The files to write, each as a path and a text, and what is not obvious from them.

    `entries` are imported, `skipped` are not (with the reason), `variables` must hold the secrets that Cloudflare has.
    `ignored` are settings that a file cannot express; they stay unchanged as long as the import file exists.
    `elements` are routes that are written as their graph.
    """

    environment: str
    files: tuple[tuple[Path, str], ...]
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...]
    variables: tuple[str, ...]
    ignored: tuple[str, ...]
    elements: tuple[str, ...]


def adopt(
    project: Project, name: str, client: Client, account: str, gateway: str, target: Mapping[str, Any]
) -> Adoption:
    """Read `gateway` of `account` and express it as environment `name`; writes nothing.

    `target` is the file's own {account: …} or {local: …}. Raises UsageError where the environment's file exists, or the
    gateway does not.
    """
    from gatewright.cloudflare.live_gateway import read_gateway

    if not is_stack_name(name):
        raise UsageError(
            f"{name!r} is not a valid environment name",
            f"Choose a name: {command('adopt NAME --account … --gateway …')}",
        )
    path = project.stacks / f"{name}.yaml"
    if path.exists():
        hint = (
            f"Choose another name: {command('adopt NAME …')}; or, to import what stack {name} lacks: "
            f"{command(f'adopt {name}')}"
        )
        raise UsageError(f"{project.shown(path)} exists already", hint)
    live = read_gateway(client, account, gateway)
    owners = {each.slug: provider_owners(project, account, each.slug, name) for each in live.custom_providers}
    draft = Draft.of(name, live, _catalog_name(project), _catalog(project), owners)
    loaded = _valid(project, draft, dict(target))
    for route in live.routes:
        if route.name in draft.trees and graph_of(route_elements(require(loaded), route.name)) != route.graph:
            draft.as_elements(route.name)
    environment = require(_valid(project, draft, dict(target)))
    ignored = _ignored(environment, live)
    entries = tuple(_entries(environment, draft, ignored))
    text = _HEADER.format(schema=project.schema_comment, gateway=gateway, account=account) + dump_yaml(
        draft.data(dict(target))
    )
    return Adoption(
        environment=name,
        files=((path, text), (import_file(project, name), imports_text(entries))),
        entries=entries,
        skipped=tuple(draft.skipped),
        variables=tuple(draft.variables),
        ignored=ignored,
        elements=tuple(route for route in draft.routes if route not in draft.trees),
    )


def write_adoption(adoption: Adoption) -> None:
    """Write the files. Raises FileExistsError for an environment file that was created meanwhile."""
    for path, text in adoption.files:
        with path.open("w" if path.suffix == ".json" else "x", encoding="utf-8") as stream:
            stream.write(text)


def _catalog(project: Project) -> Mapping[str, Any]:
    name = _catalog_name(project)
    diagnostics = Diagnostics()
    root = files_of(project).merged_file(name, diagnostics)
    file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
    if file is None or diagnostics.failed:
        raise InvalidEnvironmentError(f"{name} is invalid", diagnostics.diagnostics)
    return {provider_name: provider.with_plan() for provider_name, provider in file.providers.items()}


def _catalog_name(project: Project) -> str:
    """What `extends` names: the project's own catalog, or the shipped one."""
    return CATALOG if (project.stacks / CATALOG).is_file() else CATALOG_NAME


def _valid(project: Project, draft: Draft, target: dict[str, Any]) -> Loaded:
    """Load the draft, without the parts that the environment's checks refuse."""
    while True:
        loaded = _load(project, draft, target)
        errors = [diagnostic for diagnostic in loaded.diagnostics if diagnostic.severity is Severity.ERROR]
        if not errors:
            return loaded
        for diagnostic in errors:
            section, _, rest = diagnostic.path.partition(".")
            name = rest.partition(".")[0].partition("[")[0]
            if section == "routes" and name in draft.trees:
                draft.as_elements(name)
            elif section == "routes" and name in draft.routes:
                draft.without_route(name, diagnostic.message)
            elif section == "gateway" and name in draft.gateway and name != "name":
                draft.gateway.pop(name)
            else:
                raise InvalidEnvironmentError("the gateway cannot be expressed as an environment file", errors)


def _load(project: Project, draft: Draft, target: dict[str, Any]) -> Loaded:
    with tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
        if (catalog := project.stacks / CATALOG).is_file():
            shutil.copy(catalog, folder)
        (Path(folder) / f"{draft.name}.yaml").write_text(dump_yaml(draft.data(target)), encoding="utf-8")
        return load(Files(Path(folder), project.shown(project.stacks)), draft.name, CAPABILITIES, os.environ)


def _ignored(environment: Environment, live: LiveGateway) -> tuple[str, ...]:
    """The gateway's inputs, by Pulumi's names, whose value no file can express."""
    body = gateway_body(environment.gateway)
    stored = bool(provider_keys(environment))
    return tuple(
        field.name
        for field in AI_GATEWAY.inputs
        if not field.in_path
        and not _same(body.get(field.wire_name), live.settings.get(field.wire_name))
        and not (field.name == "storeId" and stored)
    )


def _same(declared: Any, live: Any) -> bool:
    match declared:
        case FromVariable() | FromConfig():
            return live is not None
        case dict() if isinstance(live, dict):
            names = declared.keys() | {name for name, value in live.items() if not _is_empty(value)}
            return all(_same(declared.get(name), live.get(name)) for name in names)
        case list() if isinstance(live, list):
            return len(declared) == len(live) and all(map(_same, declared, live))
        case _:
            return bool(declared == live) or (_is_empty(declared) and _is_empty(live))


def _is_empty(value: Any) -> bool:
    return value in (None, [], {}, {"enabled": False, "rules": []})


def _entries(environment: Environment, draft: Draft, ignored: tuple[str, ...]) -> list[Entry]:
    live, name = draft.live, environment.gateway_name
    prefix = f"{live.account}/{name}"
    entries = [Entry(AI_GATEWAY.token, name, prefix, ignored)]
    entries += [
        Entry(DYNAMIC_ROUTE, route.name, f"{prefix}/{route.id}") for route in live.routes if route.name in draft.routes
    ]
    for provider in live.custom_providers:
        if provider.slug in draft.providers and not draft.owners.get(provider.slug):
            has_default = {"name": provider.name == provider.slug, "enable": provider.enable}
            settings = tuple(setting for setting, is_default in has_default.items() if not is_default)
            entries.append(Entry(CUSTOM_PROVIDER, provider.slug, f"{live.account}/{provider.id}", settings))
    entries += [
        Entry(CUSTOM_DOMAIN, domain.hostname, f"{prefix}/{domain.hostname}")
        for domain in live.domains
        if domain.hostname in environment.gateway.domains
    ]
    if environment.gateway.policies:
        entries.append(Entry(GATEWAY_POLICIES, name, prefix))
    configs = {(config.slug, config.alias): config for config in live.keys}
    for key in provider_keys(environment):
        config = configs.pop((key.slug, DEFAULT_ALIAS))
        entries.append(Entry(PROVIDER_CONFIG, key.provider, f"{prefix}/{config.id}"))
        if environment.local:  # where the stack manages every secret, with a fake value
            secret = f"{live.account}/{live.settings['store_id']}/{config.secret}"
            entries.append(Entry(SECRETS_STORE_SECRET.token, key.provider, secret))
    draft.skipped += [
        f"stored key {config.slug}, alias {config.alias}: no route needs it; it stays until a client does"
        for config in configs.values()
        if config.alias == DEFAULT_ALIAS
    ]
    return entries
