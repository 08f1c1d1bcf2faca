"""`gatewright:index:CustomProvider`: a provider that Cloudflare does not know itself, called custom-<slug>."""

# ruff: noqa: ARG002 - a resource answers every call, whether it needs each argument or not

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.plugin.resource import Diff, Failure, Found, Resource, compare
from gatewright.provider.inputs import failures, imported, with_moment
from gatewright.provider.taken import in_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object

INPUTS: dict[str, type] = {"accountId": str, "name": str, "slug": str, "baseUrl": str, "enable": bool}
_WIRE = {"name": "name", "slug": "slug", "baseUrl": "base_url", "enable": "enable"}
_MOVES = ("accountId", "slug")


class CustomProvider(Resource):
    """Inputs, which are the outputs too: `accountId`, `name`, `slug`, `baseUrl` (https), `enable` (true); where a read
    found what the state does not hold: `modifiedAt`. Another slug is another provider: what calls it by the old one
    goes on until that is gone. Imported by <account>/<id>."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect

    def check(self, urn: str, olds: Object, news: Object) -> tuple[Object, list[Failure]]:
        inputs: Object = {"enable": True, **{name: value for name, value in news.items() if value is not None}}
        found = failures(inputs, INPUTS)
        url = inputs.get("baseUrl")
        if isinstance(url, str) and url and not url.startswith("https://"):
            found.append(Failure("baseUrl", "Cloudflare reaches a custom provider over https only"))
        return inputs, found

    def diff(self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object) -> Diff:
        return compare(old_inputs, news, replace=_MOVES)

    def create(self, urn: str, inputs: Object, *, preview: bool) -> tuple[str, Object]:
        if preview:
            return "", inputs
        with in_stack(urn):
            made = self._providers(inputs).create({wire: inputs[name] for name, wire in _WIRE.items()})
        return made.id, inputs

    def read(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> Found | None:
        if outputs:
            account, provider = str(outputs["accountId"]), resource_id
        else:
            account, provider = imported(resource_id, "account", "provider")
        there = self._providers({"accountId": account}).get(provider)
        if there is None:
            return None
        found: Object = {"accountId": account, **{name: getattr(there, wire) for name, wire in _WIRE.items()}}
        return Found(there.id, found, with_moment(found, outputs, there.modified))

    def update(
        self, urn: str, resource_id: str, outputs: Object, old_inputs: Object, news: Object, *, preview: bool
    ) -> Object:
        changed = {wire: news[name] for name, wire in _WIRE.items() if news[name] != old_inputs.get(name)}
        if changed and not preview:
            self._providers(news).update(resource_id, changed)
        return news

    def delete(self, urn: str, resource_id: str, inputs: Object, outputs: Object) -> None:
        self._providers(outputs).delete(resource_id)

    def _providers(self, place: Object) -> CustomProviders:
        return CustomProviders(self._connect(), str(place["accountId"]))
