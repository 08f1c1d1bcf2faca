"""`gatewright:index:CustomProvider`: a provider that Cloudflare does not know, used as custom-<slug>."""

# ruff: noqa: ARG002 - the methods have the arguments of the protocol

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.errors import UsageError
from gatewright.plugin.resource import CheckFailure, Diff, ReadResult, Resource, compare
from gatewright.project import Project
from gatewright.provider.import_hints import hints_for_stack
from gatewright.provider.inputs import check_inputs, parse_import_id, with_modified_at, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.environment.shared_providers import ProviderUser
    from gatewright.plugin.values import Object

REQUIRED: dict[str, type] = {"accountId": str, "name": str, "slug": str, "baseUrl": str, "enable": bool}
_WIRE_NAMES = {"name": "name", "slug": "slug", "baseUrl": "base_url", "enable": "enable"}
_REPLACING = ("accountId", "slug")


class CustomProvider(Resource):
    """Inputs, which are also the outputs: `accountId`, `name`, `slug`, `baseUrl` (https), `enable` (true), and
    `modifiedAt` where a read finds a difference. Another slug is another provider: the old one works until it is
    deleted. Import id: <account>/<id>.

    It belongs to the account. Environments of one project that declare the same one share it: the first creates it, the
    others take it, and it is deleted with the last (docs/decisions/0026-shared-custom-providers.md).
    `inform(urn, message)` shows a message with the resource.
    """

    def __init__(self, connect: Callable[[], Client], inform: Callable[[str, str], None]) -> None:
        self._connect = connect
        self._inform = inform

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[CheckFailure]]:
        inputs: Object = {"enable": True, **without_nulls(news)}
        failures = check_inputs(inputs, REQUIRED)
        url = inputs.get("baseUrl")
        if isinstance(url, str) and url and not url.startswith("https://"):
            failures.append(CheckFailure("baseUrl", "baseUrl must begin with https://: Cloudflare accepts no other"))
        return inputs, failures

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return compare(old_inputs, news, replace=_REPLACING)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", inputs
        with hints_for_stack(urn):
            body = {wire: inputs[name] for name, wire in _WIRE_NAMES.items()}
            created = self._providers(inputs).create(body, lambda: [user.environment for user in _users(urn, inputs)])
        return created.id, inputs

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> ReadResult | None:
        if outputs:
            account, provider_id = str(outputs["accountId"]), resource_id
        else:
            account, provider_id = parse_import_id(resource_id, "account", "provider")
        provider = self._providers({"accountId": account}).get(provider_id)
        if provider is None:
            return None
        values = {name: getattr(provider, wire) for name, wire in _WIRE_NAMES.items()}
        properties: Object = {"accountId": account, **values}
        return ReadResult(provider.id, properties, with_modified_at(properties, outputs, provider.modified))

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        changed = {wire: news[name] for name, wire in _WIRE_NAMES.items() if news[name] != old_inputs.get(name)}
        if changed and not preview:
            self._providers(news).update(resource_id, changed)
        return news

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        from gatewright.cloudflare.live_gateway import has_gateway  # needed for nothing else, and slow to import

        account = str(outputs["accountId"])
        others = _users(urn, outputs, or_possible=True)
        deployed = [user.environment for user in others if has_gateway(self._connect(), account, user.gateway)]
        if deployed:
            self._inform(urn, f"custom provider {outputs['slug']} stays in the account, for {', '.join(deployed)}")
        else:
            self._providers(outputs).delete(resource_id)

    def _providers(self, properties: Object) -> CustomProviders:
        return CustomProviders(self._connect(), str(properties["accountId"]))


def _users(urn: str, properties: Object, *, or_possible: bool = False) -> list[ProviderUser]:
    """The other environments of the project that declare the provider; none in a program of another kind."""
    from gatewright.environment.files import Files  # slow to import, too
    from gatewright.environment.shared_providers import provider_users

    try:
        project = Project.find()
    except UsageError:
        return []
    files = Files(project.stacks, project.shown(project.stacks))
    account, slug, stack = str(properties["accountId"]), str(properties["slug"]), urn.split(":")[2]
    return list(provider_users(files, slug, account, os.environ, other_than=stack, or_possible=or_possible))
