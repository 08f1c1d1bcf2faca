"""adopt: a gateway that is at Cloudflare becomes an environment of this project."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.diagnostics import Diagnostics, Severity
from gatewright.environment.files import FILE_SHAPE, Files
from gatewright.environment.load import Loaded, is_stack_name, load
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import CUSTOM_DOMAIN, CUSTOM_PROVIDER, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright.import_file import (
    Entry,
    import_file,
    imports_text,
)
from gatewright.io.yaml_dump import dump_yaml
from gatewright.operations.adoption.environment_draft import Draft
from gatewright.workspace import files_of, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.live_gateway import LiveGateway
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project

CATALOG = "catalog"
_HEADER = """\
# yaml-language-server: $schema=../schemas/environment.schema.json
# Gateway {gateway} of account {account}, taken over: the first `pulumi up` imports it and changes nothing there.
"""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was or would be written: each path with its text; what is taken over, what is not and why, which variables
    must hold the secrets that are at Cloudflare, and settings that no file can say, which stay while imports are read.
    """

    environment: str
    files: tuple[tuple[Path, str], ...]
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...]
    variables: tuple[str, ...]
    kept: tuple[str, ...]
    elements: tuple[str, ...]


def adopt(project: Project, name: str, client: Client, account: str, gateway: str, where: Mapping[str, Any]) -> Adopted:
    """Reads `gateway` of `account` and says it as environment `name`; nothing is written. `where` is the file's own
    {account: …} or {local: …}.

    Raises UsageError where the environment's file is there already, or there is no such gateway.
    """
    from gatewright.cloudflare.live_gateway import read_gateway

    if not is_stack_name(name):
        raise UsageError(
            f"{name!r} cannot name an environment", "Name it: gatewright adopt NAME --account … --gateway …"
        )
    path = project.stacks / f"{name}.yaml"
    if path.exists():
        hint = (
            f"Give another name: gatewright adopt NAME …; or, to take over what {name} lacks: gatewright adopt {name}"
        )
        raise UsageError(f"{project.shown(path)} is there already", hint)
    live = read_gateway(client, account, gateway)
    draft = Draft.of(name, live, _catalog(project))
    loaded = _valid(project, draft, dict(where))
    for route in live.routes:
        if route.name in draft.trees and graph_of(route_elements(require(loaded), route.name)) != route.graph:
            draft.as_elements(route.name)
    environment = require(_valid(project, draft, dict(where)))
    kept = _kept(environment, live)
    entries = tuple(_entries(environment, draft, kept))
    text = _HEADER.format(gateway=gateway, account=account) + dump_yaml(draft.data(dict(where)))
    return Adopted(
        environment=name,
        files=((path, text), (import_file(project, name), imports_text(entries))),
        entries=entries,
        skipped=tuple(draft.skipped),
        variables=tuple(draft.variables),
        kept=kept,
        elements=tuple(route for route in draft.routes if route not in draft.trees),
    )


def write(adopted: Adopted) -> None:
    """Writes the files; none of them over one that came in between."""
    for path, text in adopted.files:
        with path.open("w" if path.suffix == ".json" else "x", encoding="utf-8") as stream:
            stream.write(text)


def _catalog(project: Project) -> Mapping[str, Any]:
    if not (project.stacks / f"{CATALOG}.yaml").is_file():
        return {}
    diagnostics = Diagnostics()
    root = files_of(project).merged(CATALOG, diagnostics)
    file = FILE_SHAPE.read(root, "", diagnostics) if root is not None else None
    if file is None or diagnostics.failed:
        raise InvalidEnvironmentError(f"{CATALOG}.yaml cannot be used", diagnostics.diagnostics)
    return dict(file.providers)


def _valid(project: Project, draft: Draft, where: dict[str, Any]) -> Loaded:
    """The draft as it loads, once everything that no file may say has left it."""
    while True:
        loaded = _load(project, draft, where)
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
                raise InvalidEnvironmentError("what is there cannot be said in a file", errors)


def _load(project: Project, draft: Draft, where: dict[str, Any]) -> Loaded:
    with tempfile.TemporaryDirectory(prefix="gatewright-") as folder:
        if (catalog := project.stacks / f"{CATALOG}.yaml").is_file():
            shutil.copy(catalog, folder)
        (Path(folder) / f"{draft.name}.yaml").write_text(dump_yaml(draft.data(where)), encoding="utf-8")
        return load(Files(Path(folder), project.shown(project.stacks)), draft.name, CAPABILITIES, os.environ)


def _kept(environment: Environment, live: LiveGateway) -> tuple[str, ...]:
    """The gateway's inputs, by Pulumi's names, that no file can give the value that they have."""
    body = gateway_body(environment.gateway)
    stored = bool(provider_keys(environment))
    return tuple(
        each.name
        for each in AI_GATEWAY.inputs
        if not each.in_path
        and not _same(body.get(each.wire_name), live.settings.get(each.wire_name))
        and not (each.name == "storeId" and stored)
    )


def _same(said: Any, there: Any) -> bool:
    match said:
        case FromVariable() | FromConfig():
            return there is not None
        case dict() if isinstance(there, dict):
            names = said.keys() | {name for name, value in there.items() if not _empty(value)}
            return all(_same(said.get(name), there.get(name)) for name in names)
        case list() if isinstance(there, list):
            return len(said) == len(there) and all(map(_same, said, there))
        case _:
            return bool(said == there) or (_empty(said) and _empty(there))


def _empty(value: Any) -> bool:
    return value in (None, [], {}, {"enabled": False, "rules": []})


def _entries(environment: Environment, draft: Draft, kept: tuple[str, ...]) -> list[Entry]:
    live, name = draft.live, environment.gateway_name
    there = f"{live.account}/{name}"
    found = [Entry(AI_GATEWAY.token, name, there, kept)]
    found += [
        Entry(DYNAMIC_ROUTE, each.name, f"{there}/{each.id}") for each in live.routes if each.name in draft.routes
    ]
    for each in live.custom_providers:
        if each.slug in draft.providers:
            unsaid = {"name": each.name == each.slug, "enable": each.enable}
            ignored = tuple(setting for setting, said in unsaid.items() if not said)
            found.append(Entry(CUSTOM_PROVIDER, each.slug, f"{live.account}/{each.id}", ignored))
    found += [
        Entry(CUSTOM_DOMAIN, each.hostname, f"{there}/{each.hostname}")
        for each in live.domains
        if each.hostname in environment.gateway.domains
    ]
    configs = {(each.slug, each.alias): each for each in live.keys}
    for key in provider_keys(environment):
        config = configs.pop((key.slug, DEFAULT_ALIAS))
        found.append(Entry(PROVIDER_CONFIG, key.provider, f"{there}/{config.id}"))
        if environment.local:  # which gives every key a fake value, one that is stored already too
            secret = f"{live.account}/{live.settings['store_id']}/{config.secret}"
            found.append(Entry(SECRETS_STORE_SECRET.token, key.provider, secret))
    draft.skipped += [
        f"stored key {config.slug}, alias {config.alias}: no route needs it; it stays until a client does"
        for config in configs.values()
        if config.alias == DEFAULT_ALIAS
    ]
    return found
